import { compareInstants } from "./compare-instants.ts";
import type { SessionReport, Verdict } from "./port.ts";
import type { SessionState } from "./tables.ts";

/** One report with the time we first heard it. */
export type Observation = SessionReport & { observedAt: Date };

/** What a session means for its person. */
export type Standing = "none" | "pending" | "approved" | "declined" | "expired" | "blocked";

/** Where a session stands, told from everything observed of it. */
export type DerivedSession = {
  state: Exclude<SessionState, "reserved">;
  /** The newest decision's, and null before any. */
  verdict: Verdict | null;
  providerStatus: string | null;
  reason: string | null;
  reasonCode: string | null;
  decisionTime: string | null;
  standing: Standing;
  /** The decision that the standing rests on, where it rests on one. */
  standingDecision: Observation | undefined;
  /**
   * Since when the final decisions say so without interruption: the provider's own time, or when we heard of it.
   * Text, because PostgreSQL reads microseconds from it and a Date would cut them.
   */
  standingSince: string | Date | null;
  /** When we first heard of anything that presupposes documents handed in. */
  submittedAt: Date | null;
};

type Decision = Observation & { verdict: Verdict };

/** For each verdict: what it makes of the session, of the person, and which wins when two bear the same time. */
// biome-ignore format: a table reads best aligned
const meanings: Record<Verdict, { state: DerivedSession["state"]; standing: Standing; rank: number; handedIn: boolean }> = {
  "offboarded":             { state: "rejected",  standing: "blocked",  rank: 9, handedIn: true },
  "paused":                 { state: "rejected",  standing: "blocked",  rank: 8, handedIn: true },
  "declined":               { state: "rejected",  standing: "declined", rank: 6, handedIn: true },
  "approved":               { state: "success",   standing: "approved", rank: 5, handedIn: true },
  "expired":                { state: "expired",   standing: "expired",  rank: 4, handedIn: false },
  "abandoned":              { state: "expired",   standing: "expired",  rank: 3, handedIn: false },
  "resubmission-requested": { state: "started",   standing: "pending",  rank: 2, handedIn: true },
  "in-review":              { state: "submitted", standing: "pending",  rank: 1, handedIn: true },
  "awaiting-person":        { state: "started",   standing: "pending",  rank: 0, handedIn: false },
};

/** What the person's standing rests on: a later review, request or expiry neither takes it away nor lifts it. */
const final: readonly Verdict[] = ["approved", "declined", "paused", "offboarded"];

/**
 * The session's state as a function of the set of its observations: neither their order nor their repetition matters.
 *
 * - The newest decision by its own time stands, approved → declined included. Equal times: the stronger (refusal before
 *   approval). A decision without a time is older than any with one.
 * - Events count before any decision, and after a request to resubmit when they belong to an attempt that no decision is
 *   about. They carry no time: of attempts that were never decided, an old one cannot be told from the new.
 * - The person's standing rests on the newest approval, refusal or block; a later review, request or expiry within the
 *   session neither takes an approval away nor lifts a refusal.
 */
export function deriveSession(observations: readonly Observation[]): DerivedSession {
  const decisions = observations.filter(isDecision).sort(newestFirst);
  const [newest] = decisions;
  const events = eventsThatCount(observations, decisions);
  const lastEvent = events.find(({ kind }) => kind === "submitted") ?? events[0];
  const eventState = lastEvent?.kind === "decision" ? undefined : lastEvent?.kind;
  // Whom a provider ended for good stays ended, whatever it says later: an operator decides then.
  const standing =
    decisions.find(({ verdict }) => verdict === "offboarded") ??
    decisions.find(({ verdict }) => final.includes(verdict));
  return {
    state: eventState ?? (newest ? meanings[newest.verdict].state : "created"),
    verdict: newest?.verdict ?? null,
    providerStatus: lastEvent?.providerStatus ?? newest?.providerStatus ?? null,
    reason: newest?.reason ?? null,
    reasonCode: newest?.reasonCode ?? null,
    decisionTime: newest?.decisionTime ?? null,
    standing: standingOf(standing ?? newest, lastEvent),
    standingDecision: standing ?? newest,
    standingSince: standing ? sinceWhen(decisions, standing) : null,
    submittedAt: submittedAt(observations),
  };
}

function isDecision(observation: Observation): observation is Decision {
  return observation.kind === "decision" && observation.verdict !== null;
}

/** A total order, so that equal times end alike whatever came in first. */
function newestFirst(a: Decision, b: Decision): number {
  return (
    compareInstants(b.decisionTime, a.decisionTime) ||
    meanings[b.verdict].rank - meanings[a.verdict].rank ||
    compareTexts(tieBreak(b), tieBreak(a))
  );
}

const tieBreak = ({ attemptId, reason, reasonCode, providerStatus, decisionTime }: Decision) =>
  JSON.stringify([attemptId, reasonCode, reason, providerStatus, decisionTime]);

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function eventsThatCount(observations: readonly Observation[], decisions: readonly Decision[]): Observation[] {
  const events = observations.filter(({ kind }) => kind !== "decision");
  const [newest] = decisions;
  if (!newest) return events;
  if (newest.verdict !== "resubmission-requested" || newest.attemptId === null) return [];
  const decided = new Set(decisions.map(({ attemptId }) => attemptId));
  return events.filter(({ attemptId }) => attemptId !== null && !decided.has(attemptId));
}

function standingOf(decision: Decision | undefined, event: Observation | undefined): Standing {
  if (decision) return meanings[decision.verdict].standing;
  return event ? "pending" : "none";
}

/** A provider repeats what it decided with each change of its record; what counts is when it first said so. */
function sinceWhen(newestFirst: readonly Decision[], standing: Decision): string | Date {
  const finals = newestFirst.filter(({ verdict }) => final.includes(verdict));
  const same = (decision: Decision) => meanings[decision.verdict].standing === meanings[standing.verdict].standing;
  const begins = finals.slice(finals.indexOf(standing));
  const end = begins.findIndex((decision) => !same(decision));
  const first = begins.at(end === -1 ? -1 : end - 1) ?? standing;
  return first.decisionTime ?? first.observedAt;
}

function submittedAt(observations: readonly Observation[]): Date | null {
  const handedIn = observations.filter(
    (observation) =>
      observation.kind === "submitted" || (isDecision(observation) && meanings[observation.verdict].handedIn),
  );
  const first = Math.min(...handedIn.map(({ observedAt }) => observedAt.getTime()));
  return Number.isFinite(first) ? new Date(first) : null;
}
