import { addSeconds, type Clock } from "../clock/index.ts";
import type { CallOutside, OutsideOutcome } from "./call-outside.ts";

/** How one outside party fares, as this process sees it. */
export type BreakerStatus = {
  /** `closed`: calls pass · `open`: calls fail at once · `half-open`: the time is up, one call may try. */
  state: "closed" | "open" | "half-open";
  since: Date;
  /** When an open breaker lets a call try; null while closed. */
  retryAt: Date | null;
  failuresInARow: number;
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
};

/** Stands between us and one outside party. */
export type Breaker = { call: CallOutside; status(): BreakerStatus };

type BreakerDeps = {
  clock: Clock;
  callOutside: CallOutside;
  /** Told at every change between open and closed. */
  changed?: (state: "open" | "closed") => void;
  /** Failures in a row after which it opens; 5 when unset. */
  failures?: number;
  /** How long it stays open the first time, doubling with each trial that fails up to ten minutes; 30 when unset. */
  openSeconds?: number;
};

const longestOpenSeconds = 600;

/**
 * Makes a circuit breaker (Nygard, "Release It!"): an outside party that failed so many times in a row is left alone for a
 * while, and callers are told at once, with an honest time to come back, in place of waiting for one more time-out. Then
 * exactly one call tries; it closes the breaker or opens it for twice as long.
 *
 * A failure is no answer, a 5xx, or a good status with something else than JSON. 429 proves life but no capacity: it
 * neither counts as a failure nor ends an outage. Any other answer is a success, also one that refuses us.
 *
 * Of our own, because the libraries keep real timers where our tests hold a clock still, and opossum lets every call
 * through while half-open.
 */
export function createBreaker(deps: BreakerDeps): Breaker {
  const { clock, failures = 5, openSeconds = 30 } = deps;
  let since = clock.now();
  let open: { retryAt: Date; seconds: number; trying: boolean } | undefined;
  let failuresInARow = 0;
  let lastSuccessAt: Date | null = null;
  let lastFailureAt: Date | null = null;

  const openFor = (seconds: number) => {
    const wasClosed = open === undefined;
    open = { retryAt: addSeconds(clock.now(), seconds), seconds, trying: false };
    if (!wasClosed) return;
    since = clock.now();
    deps.changed?.("open");
  };
  const close = () => {
    open = undefined;
    since = clock.now();
    deps.changed?.("closed");
  };
  /** Calls that were under way when it opened decide nothing any more. */
  const learn = (verdict: Verdict, tried: boolean) => {
    if (verdict === "success") lastSuccessAt = clock.now();
    if (verdict === "failure") lastFailureAt = clock.now();
    if (verdict !== "busy") failuresInARow = verdict === "failure" ? failuresInARow + 1 : 0;
    if (tried && open) {
      if (verdict === "success") close();
      else openFor(Math.min(longestOpenSeconds, open.seconds * 2));
    } else if (!open && failuresInARow >= failures) openFor(openSeconds);
  };
  const call: CallOutside = async (asked) => {
    const now = clock.now();
    if (open && (open.trying || now < open.retryAt)) {
      const back = open.trying ? addSeconds(now, asked.timeoutSeconds) : open.retryAt;
      return refused(Math.max(1, Math.ceil((back.getTime() - now.getTime()) / 1000)));
    }
    const trial = open;
    if (trial) trial.trying = true;
    try {
      const outcome = await deps.callOutside(asked);
      learn(judge(outcome), trial !== undefined && trial === open);
      return outcome;
    } finally {
      // Only where we ourselves called wrongly; the place of the trial must not stay taken.
      if (trial) trial.trying = false;
    }
  };
  const stateNow = () => (!open ? "closed" : clock.now() < open.retryAt ? "open" : "half-open");
  return {
    call,
    status: () => ({
      state: stateNow(),
      since,
      retryAt: open?.retryAt ?? null,
      failuresInARow,
      lastSuccessAt,
      lastFailureAt,
    }),
  };
}

type Verdict = "success" | "busy" | "failure";

function judge(outcome: OutsideOutcome): Verdict {
  if (outcome.kind === "failure" || outcome.status >= 500) return "failure";
  if (outcome.status === 429) return "busy";
  return outcome.status < 300 && !/^\s*([{[]|$)/.test(outcome.body.toString("utf8", 0, 64)) ? "failure" : "success";
}

function refused(retryAfterSeconds: number): OutsideOutcome {
  return { kind: "failure", why: "circuit-open", code: undefined, retryAfterSeconds, attempts: 0 };
}
