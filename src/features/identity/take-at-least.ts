import { setTimeout as wait } from "node:timers/promises";

/**
 * Does the work and answers, well or ill, no sooner than so many milliseconds after the start: how much there was to
 * do then does not show in the time it took.
 */
export async function takeAtLeast<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
  const [result] = await Promise.allSettled([work(), wait(milliseconds)]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Covers a hash and a small transaction that writes, which known accounts have and unknown ones have not. */
export const discreetMilliseconds = 60;
