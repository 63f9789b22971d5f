import { type Answer, type Attempt, type AttemptOptions, attemptOnce, type Failure } from "./attempt-once.ts";
import { isWorthRepeating, waitBefore } from "./retry-rules.ts";

/** One call to the outside, with all its bounds. */
export type OutsideCall = {
  url: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For the whole call: every attempt and every wait between them. */
  timeoutSeconds: number;
  /** For one attempt; the whole time when unset. */
  attemptTimeoutSeconds?: number;
  /** A longer answer is not read to its end: outcome `too-large`. */
  maxBytes: number;
  /** How often to try at most; 1 for no retry. */
  attempts: number;
  /**
   * Whether a second arrival does no harm: reads, calls with an idempotency key. Only then is a call repeated whose first
   * arrival is in doubt (time-out, reset, 5xx); one that surely had no effect (refused connection, 429) is always repeated.
   */
  repeatable: boolean;
};

/** What came of a call. An answer of any status is an answer; what it means is the caller's business. */
export type OutsideOutcome = (Answer | Failure) & {
  /** How many attempts were made. */
  attempts: number;
};

/** Calls the outside. Never rejects for anything the outside did. */
export type CallOutside = (call: OutsideCall) => Promise<OutsideOutcome>;

/** How waiting is done and chance is drawn; tests hold both still. */
export type OutsideDeps = AttemptOptions & {
  sleep?: (seconds: number) => Promise<void>;
  /** 0 to 1, as Math.random. */
  random?: () => number;
};

/**
 * Makes the one way in which this system calls others: total time-out, bounded answers, no redirects, retries with
 * exponential back-off and full jitter, `Retry-After` honoured as far as the time-out reaches.
 *
 * Never call it inside a transaction: a slow outside would hold locks and a connection for as long as it likes.
 */
export function createCallOutside(deps: OutsideDeps = {}): CallOutside {
  const sleep = deps.sleep ?? sleepForReal;
  const random = deps.random ?? Math.random;
  return async (call) => {
    const endsAt = performance.now() + call.timeoutSeconds * 1000;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(deps, withinTime(call, endsAt));
      if (attempt >= call.attempts || !isWorthRepeating(outcome, call.repeatable))
        return { ...outcome, attempts: attempt };
      const waitSeconds = waitBefore(attempt, outcome, random);
      if (performance.now() + waitSeconds * 1000 >= endsAt) return { ...outcome, attempts: attempt };
      await sleep(waitSeconds);
    }
  };
}

function withinTime(call: OutsideCall, endsAt: number): Attempt {
  const leftMilliseconds = Math.max(1, endsAt - performance.now());
  const ownMilliseconds = (call.attemptTimeoutSeconds ?? call.timeoutSeconds) * 1000;
  return { ...call, timeoutMilliseconds: Math.ceil(Math.min(leftMilliseconds, ownMilliseconds)) };
}

const sleepForReal = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
