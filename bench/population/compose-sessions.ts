import { randomUUID } from "node:crypto";
import { addSeconds } from "../../src/foundation/clock/index.ts";
import type { Cell } from "./copy-rows.ts";
import type { Life, Moved } from "./live-through.ts";

type Row = Record<string, Cell>;

/** What a session came to, by the move that ended it. */
const ends: Partial<Record<Moved["event"], { state: string; verdict: string; status: string }>> = {
  "verification-approved": { state: "success", verdict: "approved", status: "approved" },
  "verification-declined": { state: "rejected", verdict: "declined", status: "declined" },
  "verification-expired": { state: "expired", verdict: "abandoned", status: "abandoned" },
};

/**
 * The sessions behind a life, and what was observed of them: one for each time a verification began. Links are left out:
 * nobody is going to follow them. Their ids are not of the seed, since nothing is compared by them.
 */
export function composeSessions(userId: string, { moves }: Life): { sessions: Row[]; observations: Row[] } {
  const begun = moves.filter(({ event }) => event === "verification-started");
  const sessions: Row[] = [];
  const observations: Row[] = [];
  for (const [index, { at }] of begun.entries()) {
    const later = moves.filter(
      (move) => move.at >= at && ends[move.event] && move.at <= (begun[index + 1]?.at ?? move.at),
    );
    const sessionId = sessionIdAt(addSeconds(at, -600));
    const told = later.map((move) => ({ move, end: ends[move.event] }));
    const newest = told.at(-1);
    sessions.push(
      composeSession({ userId, sessionId, at, isFirst: index === 0, isLast: index === begun.length - 1 }, newest),
    );
    observations.push(composeObservation(sessionId, at, undefined));
    for (const { move, end } of told) observations.push(composeObservation(sessionId, move.at, end));
  }
  return { sessions, observations };
}

type End = { state: string; verdict: string; status: string };

function composeSession(
  begin: { userId: string; sessionId: string; at: Date; isFirst: boolean; isLast: boolean },
  newest: { move: Moved; end: End | undefined } | undefined,
): Row {
  const { userId, sessionId, at, isFirst, isLast } = begin;
  return {
    session_id: sessionId,
    user_id: userId,
    provider: "veriff",
    purpose: "required",
    state: newest?.end?.state ?? "started",
    provider_session_id: randomUUID(),
    verdict: newest?.end?.verdict,
    provider_status: newest?.end?.status ?? "started",
    requested_by: `user ${userId}`,
    original_request: JSON.stringify({ callback: "https://usher.example/ekyc/return", purpose: "required" }),
    decision_time: newest?.move.at.toISOString(),
    superseded_at: isLast ? null : newest?.move.at,
    is_first: isFirst,
    created_at: addSeconds(at, -600),
    updated_at: newest?.move.at ?? at,
  };
}

function composeObservation(sessionId: string, at: Date, end: End | undefined): Row {
  return {
    observation_id: randomUUID(),
    session_id: sessionId,
    kind: end ? "decision" : "started",
    attempt_id: sessionId,
    verdict: end?.verdict,
    provider_status: end?.status ?? "started",
    decision_time: end ? at.toISOString() : null,
    observed_at: at,
  };
}

/** A UUID of version 7 of that moment. */
export function sessionIdAt(moment: Date): string {
  const time = moment.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
