import { randomUUID } from "node:crypto";
import { formatMicroseconds, microsecondsAt, parseMicroseconds } from "./microseconds.ts";
import { findReasonText, RESUBMISSION_LIMIT_REACHED } from "./reasons.ts";
import { currentAttempt, type Session, type SessionStatus } from "./session.ts";
import { decisionBody, decisionVerification, eventBody, type Verdict } from "./webhook-bodies.ts";

/** What the person (started, submitted, abandon), the reviewer or the passing of time (expire) may do. */
export type Action = "started" | "submitted" | "approve" | "decline" | "resubmit" | "review" | "expire" | "abandon";

/** An action with what the reviewer may add. `decisionTime` is ISO 8601 UTC, for playing late and reordered webhooks. */
export type Play = { action: Action; reasonCode?: number | string; reason?: string; decisionTime?: string };

const OUTCOMES = ["approve", "decline", "resubmit", "review", "expire", "abandon"] as const;
const CHANGES = ["approve", "decline", "review"] as const;

/** What may be done in each state. Declined, expired and abandoned sessions take no new attempt, only another verdict. */
const ALLOWED: Record<SessionStatus, readonly Action[]> = {
  created: ["started", "submitted", ...OUTCOMES],
  started: ["submitted", ...OUTCOMES],
  submitted: OUTCOMES,
  resubmission_requested: ["started", "submitted", ...OUTCOMES],
  review: OUTCOMES,
  approved: [...CHANGES, "resubmit"],
  declined: CHANGES,
  expired: CHANGES,
  abandoned: CHANGES,
};

const VERDICTS: Record<(typeof OUTCOMES)[number], Verdict["status"]> = {
  approve: "approved",
  decline: "declined",
  resubmit: "resubmission_requested",
  review: "review",
  expire: "expired",
  abandon: "abandoned",
};

const DEFAULT_REASON_CODES: Partial<Record<Verdict["status"], number>> = { declined: 102, resubmission_requested: 203 };

/** Nine requests to resubmit are granted, the tenth turns into a decline. */
const RESUBMISSION_LIMIT = 9;

/** The actions open to a session now; none is refused that is listed. */
export function listAllowedActions(session: Session): readonly Action[] {
  return ALLOWED[session.status];
}

/**
 * Does one action to a session, with the events that naturally come before it, and gives the webhooks to send in order.
 * The session must allow the action. A decision dated before the session's newest one is sent but changes nothing.
 */
export function playAction(
  { clock }: { clock: { now(): Date } },
  session: Session,
  play: Play,
): { kind: string; body: string }[] {
  const steps = stepsBefore(session.status, play.action);
  const sent = steps.map((step) => playEvent(session, step, microsecondsAt(clock.now())));
  return isOutcome(play.action) ? [...sent, playOutcome(session, play, clock.now())] : sent;
}

function stepsBefore(status: SessionStatus, action: Action): ("started" | "submitted")[] {
  const open = status === "created" || status === "resubmission_requested";
  if (action === "expire") return [];
  if (action === "started") return ["started"];
  if (action === "abandon") return open ? ["started"] : [];
  if (open) return ["started", "submitted"];
  return status === "started" ? ["submitted"] : [];
}

function playEvent(session: Session, event: "started" | "submitted", now: number) {
  if (event === "started" && session.status === "resubmission_requested") {
    session.attempts.push({ id: randomUUID(), submittedAt: null });
  }
  if (event === "submitted") currentAttempt(session).submittedAt = now;
  session.status = event;
  return { kind: event, body: eventBody(session, event) };
}

function playOutcome(session: Session, play: Play, now: Date) {
  const { decidedAt, decisionTime } = decisionMoment(session, play.decisionTime, now);
  const verdict = { ...verdictOf(session, play), decisionTime };
  const verification = decisionVerification(session, verdict);
  if (decidedAt >= (session.decision?.decidedAt ?? 0)) {
    session.status = verdict.status;
    session.decision = { ...verdict, decidedAt, verification };
  }
  return { kind: verdict.status, body: decisionBody(verification) };
}

function verdictOf(session: Session, play: Play): Omit<Verdict, "decisionTime"> {
  const status = isOutcome(play.action) ? VERDICTS[play.action] : "review";
  if (status === "resubmission_requested" && session.attempts.length > RESUBMISSION_LIMIT) {
    const { code, text } = RESUBMISSION_LIMIT_REACHED;
    return { status: "declined", reason: text, reasonCode: code };
  }
  const reasonCode = play.reasonCode ?? DEFAULT_REASON_CODES[status] ?? null;
  const reason = play.reason ?? (reasonCode === null ? null : findReasonText(reasonCode));
  return { status, reason, reasonCode };
}

// Without a given time every decision is newer than the one before, however fast they follow each other.
function decisionMoment(session: Session, given: string | undefined, now: Date) {
  const decidedAt =
    (given === undefined ? undefined : parseMicroseconds(given)) ??
    Math.max(microsecondsAt(now), (session.decision?.decidedAt ?? 0) + 1);
  return { decidedAt, decisionTime: given ?? formatMicroseconds(decidedAt) };
}

function isOutcome(action: Action): action is (typeof OUTCOMES)[number] {
  return action !== "started" && action !== "submitted";
}
