import { addSeconds } from "../../foundation/clock/index.ts";
import { compareInstants } from "./compare-instants.ts";
import { type DerivedSession, deriveSession, type Observation } from "./derive-session.ts";
import type { KycProvider, SessionReport, WebhookContent } from "./port.ts";
import type { SessionState } from "./tables.ts";

/** What is made of a provider's answer: a report to take in, nothing new, or something that nobody should guess at. */
export type ReadAnswer =
  | { kind: "report"; content: WebhookContent & { kind: "report" }; byWhom: "provider" | "expiry" }
  | { kind: "nothing-new" }
  | { kind: "unclear"; why: string };

/** The session that was asked about, and what was observed of it. */
type Asked = {
  session: { state: SessionState; provider_session_id: string | null; created_at: Date };
  observations: readonly Observation[];
};

const openStates = ["created", "started", "submitted"];

/**
 * Reads what the provider answered when asked for a decision; undefined means that it has none. Writes nothing.
 *
 * - What was observed before, or what stands already and is no younger, is nothing new: asking again has no effect.
 * - An answer is the provider's present word: a decision without a time of its own is dated by the moment we asked, or it
 *   would count as the oldest and never heal anything.
 * - An open session that is dead at the provider by age and has no decision is expired.
 */
export function readAnswer(
  { session, observations }: Asked,
  content: WebhookContent | undefined,
  { provider, now }: { provider: Pick<KycProvider, "sessionLivesSeconds">; now: Date },
): ReadAnswer {
  if (content === undefined) return readSilence({ session, observations }, provider, now);
  if (content.kind !== "report") return { kind: "unclear", why: content.why };
  if (content.subject.providerSessionId !== session.provider_session_id) {
    return { kind: "unclear", why: "The answer is about another session than was asked for." };
  }
  const { report } = content;
  if (observations.some((known) => isSame(known, report))) return { kind: "nothing-new" };
  const stands = deriveSession(observations);
  if (saysTheSame(stands, report) && compareInstants(report.decisionTime, stands.decisionTime) <= 0) {
    return { kind: "nothing-new" };
  }
  const undated = report.kind === "decision" && report.decisionTime === null;
  const dated = undated ? { ...report, decisionTime: now.toISOString() } : report;
  return { kind: "report", content: { ...content, report: dated }, byWhom: "provider" };
}

function isSame(a: SessionReport, b: SessionReport): boolean {
  const words = ({ kind, attemptId, verdict, providerStatus, reason, reasonCode, decisionTime }: SessionReport) =>
    JSON.stringify([kind, attemptId, verdict, providerStatus, reason, reasonCode, decisionTime]);
  return words(a) === words(b);
}

/** Whether two tell the same of a session, whenever they said it. */
export function saysTheSame(a: Word, b: Word): boolean {
  const words = ({ verdict, providerStatus, reason, reasonCode }: Word) =>
    JSON.stringify([verdict, providerStatus, reason, reasonCode]);
  return words(a) === words(b);
}

type Word = Pick<DerivedSession, "verdict" | "providerStatus" | "reason" | "reasonCode">;

function readSilence(
  { session, observations }: Asked,
  { sessionLivesSeconds }: Pick<KycProvider, "sessionLivesSeconds">,
  now: Date,
): ReadAnswer {
  if (!openStates.includes(session.state)) return { kind: "nothing-new" };
  if (!Number.isFinite(sessionLivesSeconds)) return { kind: "nothing-new" };
  if (addSeconds(livesFrom(session.created_at, observations), sessionLivesSeconds) > now)
    return { kind: "nothing-new" };
  const subject = { providerSessionId: session.provider_session_id, hint: null };
  return {
    kind: "report",
    byWhom: "expiry",
    content: { kind: "report", subject, remarks: [], report: expiry(observations) },
  };
}

/** From its opening; once documents were handed in or a decision spoke, from what we heard last: the provider is at work. */
function livesFrom(createdAt: Date, observations: readonly Observation[]): Date {
  const atWork = observations.filter(({ kind }) => kind !== "started").map(({ observedAt }) => observedAt.getTime());
  return new Date(Math.max(createdAt.getTime(), ...atWork));
}

/**
 * Our own conclusion. It bears the time of the newest decision, over which it wins by rank, or none: so every decision of
 * the provider wins over it that we come to hear of later, also one made before we concluded.
 */
function expiry(observations: readonly Observation[]): SessionReport {
  const { decisionTime } = deriveSession(observations);
  return {
    kind: "decision",
    attemptId: null,
    verdict: "expired",
    providerStatus: "expired",
    reason: null,
    reasonCode: null,
    decisionTime,
  };
}
