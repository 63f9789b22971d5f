import { unavailable } from "../../../../foundation/errors/common.ts";

/** Runs work, so many pieces at a time. */
export type BoundedPool = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Makes a pool that runs `atOnce` pieces of work at a time and lets `waiting` more stand in line, first come first
 * served. Beyond that it refuses, which is better than answering everybody late.
 *
 * @throws unavailable when the line is full
 */
export function createBoundedPool({ atOnce, waiting }: { atOnce: number; waiting: number }): BoundedPool {
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running < atOnce) running += 1;
    else if (line.length >= waiting)
      throw unavailable({ detail: "Too many passwords are being checked at this moment.", retryAfterSeconds: 3 });
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so that nobody who comes now can overtake.
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
