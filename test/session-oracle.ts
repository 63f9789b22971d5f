import { sql } from "kysely";
import type { Db } from "../src/foundation/database/index.ts";

type Heard = { kind: string; attemptId: string | null; verdict: string | null; decisionTime: string | null };

/** Weakest first: of two decisions with one time the stronger counts. */
const strengths = [
  "awaiting-person",
  "in-review",
  "resubmission-requested",
  "abandoned",
  "expired",
  "approved",
  "declined",
  "paused",
  "offboarded",
];

const states: Record<string, string> = {
  declined: "rejected",
  approved: "success",
  expired: "expired",
  abandoned: "expired",
  "resubmission-requested": "started",
  "in-review": "submitted",
  "awaiting-person": "started",
  paused: "rejected",
  offboarded: "rejected",
};

/**
 * Where a session has to stand, computed one report after the other from all that was heard of it, written apart from the
 * code under test (I5): the newest decision by its own time stands; events count before any, and after a request to
 * resubmit those of another attempt.
 */
export function expectedState(heard: readonly Heard[]): string {
  const decisions = heard.filter(({ kind }) => kind === "decision").sort((a, b) => (isNewer(a, b) ? -1 : 1));
  const [newest] = decisions;
  const decided = new Set(decisions.map(({ attemptId }) => attemptId));
  const events = heard.filter(
    ({ kind, attemptId }) =>
      kind !== "decision" && (!newest || (newest.verdict === "resubmission-requested" && !decided.has(attemptId))),
  );
  if (events.some(({ kind }) => kind === "submitted")) return "submitted";
  if (events.length > 0) return "started";
  return newest ? (states[newest.verdict ?? ""] ?? "unknown") : "created";
}

function isNewer(a: Heard, b: Heard): boolean {
  const [left, right] = [sortable(a.decisionTime), sortable(b.decisionTime)];
  return left === right ? strengths.indexOf(a.verdict ?? "") > strengths.indexOf(b.verdict ?? "") : left > right;
}

/** UTC times as Veriff writes them, brought to nanoseconds, sort as texts do; without a time is oldest. */
function sortable(time: string | null): string {
  const [, seconds = "", fraction = ""] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(time ?? "") ?? [];
  return seconds === "" ? "" : `${seconds}.${fraction.padEnd(9, "0")}`;
}

/** Sessions that do not stand where the oracle says. */
export async function findBadSessions(db: Db): Promise<string[]> {
  const { rows } = await sql<{ session_id: string; state: string; heard: Heard[] }>`
    select session_id, state, coalesce((
      select json_agg(json_build_object('kind', kind, 'attemptId', attempt_id, 'verdict', verdict, 'decisionTime', decision_time))
      from kyc_observations o where o.session_id = s.session_id), '[]') as heard
    from kyc_sessions s where state <> 'reserved'`.execute(db);
  return rows
    .filter(({ state, heard }) => state !== expectedState(heard))
    .map(
      ({ session_id, state, heard }) => `session ${session_id} is ${state}, the oracle says ${expectedState(heard)}`,
    );
}
