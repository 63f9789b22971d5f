import type { Answer, Failure } from "./attempt-once.ts";

const firstWaitSeconds = 0.2;
const longestWaitSeconds = 5;

/** Whether another attempt could help and would do no harm. */
export function isWorthRepeating(outcome: Answer | Failure, repeatable: boolean): boolean {
  if (outcome.kind === "answer") {
    if (outcome.status === 429) return true;
    return repeatable && outcome.status >= 500;
  }
  if (outcome.why === "unreachable") return true;
  return repeatable && (outcome.why === "broken" || outcome.why === "timed-out");
}

/**
 * Seconds to wait after attempt number `attempt`: what the outside asks for, or else a random part of a bound that
 * doubles each time ("full jitter": many callers that failed together do not come back together).
 */
export function waitBefore(attempt: number, outcome: Answer | Failure, random: () => number): number {
  const asked = retryAfterSeconds(outcome);
  if (asked !== undefined) return asked;
  return random() * Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (attempt - 1));
}

/**
 * `Retry-After` of an answer (RFC 9110, 10.2.3), or of an open circuit breaker, in seconds from now; undefined where
 * there is none that can be read.
 */
export function retryAfterSeconds(outcome: Answer | Failure, now: () => number = Date.now): number | undefined {
  if (outcome.kind !== "answer") return outcome.retryAfterSeconds;
  const text = outcome.headers["retry-after"]?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  // The one date form that is still sent: IMF-fixdate.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, (moment - now()) / 1000);
}
