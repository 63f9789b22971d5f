import type { Logger } from "../logging/index.ts";

/** Work that repeats on its own; `stop` waits for the running turn. */
export type Repeated = { stop(): Promise<void> };

/**
 * Runs `work` now and then again `seconds` after each end, so that turns never overlap. A failed turn is logged and the
 * next one comes all the same.
 */
export function every(seconds: number, name: string, log: Logger, work: () => Promise<unknown>): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const run = () => {
    turn = work()
      .then(
        () => {},
        (error: unknown) => log.error("repeated work failed", { job: name, error }),
      )
      .then(() => {
        if (!stopped) timer = setTimeout(run, seconds * 1000);
      });
  };
  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
