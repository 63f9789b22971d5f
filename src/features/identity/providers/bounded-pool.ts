/** Runs work, so many pieces at a time. */
export type BoundedPool = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Makes a pool that runs `atOnce` pieces of work at a time and lets `waiting` more stand in line, first come first
 * served. Beyond that it throws what `refusal` makes, which is better than answering everybody late.
 */
export function createBoundedPool(options: { atOnce: number; waiting: number; refusal: () => Error }): BoundedPool {
  const { atOnce, waiting, refusal } = options;
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running < atOnce) running += 1;
    else if (line.length >= waiting) throw refusal();
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
