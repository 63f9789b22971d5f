import type { SharedConnection } from "./shared-connection.ts";

/** When reads leave: in rounds, one after the other. */
export type Rounds = {
  /** Has it run with the next round. */
  schedule(run: () => void): void;
  /** How many have begun. */
  count(): number;
};

/**
 * One round after the other: what is asked for while one is under way waits for the next. The server would take it up no
 * sooner, and the more come together the less each of them costs here and there.
 */
export function createRounds(connection: SharedConnection): Rounds {
  let waiting: (() => void)[] = [];
  let beginning = false;
  let count = 0;
  const begin = () => {
    if (beginning || waiting.length === 0 || connection.isBusy()) return;
    beginning = true;
    let release: () => void;
    // Immediates run in their order, and all promise jobs between two of them: by the second, the first's queries are written.
    setImmediate(() => {
      const round = waiting;
      waiting = [];
      count += 1;
      release = connection.hold();
      for (const run of round) run();
    });
    setImmediate(() => {
      release();
      beginning = false;
      begin();
    });
  };
  connection.onQuiet(begin);
  return {
    schedule: (run) => {
      waiting.push(run);
      begin();
    },
    count: () => count,
  };
}
