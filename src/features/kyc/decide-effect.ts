import type { UserRow } from "../users/index.ts";
import type { CaseSession, HeldObservation, ObservedSession } from "./cases.queries.ts";
import { type DerivedSession, deriveSession, type Observation } from "./derive-session.ts";
import type { WebhookContent } from "./port.ts";
import type { Outcome } from "./tables.ts";

/** What taking in a delivery will do. */
export type Effect = {
  outcome: Outcome;
  /** For operators, in our words. */
  detail: string | null;
  /** Present where the delivery told something of the session that is to be kept as an observation. */
  told?: { report: Observation; before: DerivedSession; after: DerivedSession };
};

/** Everything the decision rests on, read under the user's lock. */
export type KycCase = {
  user: UserRow;
  session: CaseSession;
  observations: readonly HeldObservation[];
  /** The person's present required sessions with other providers. */
  others: readonly ObservedSession[];
};

/**
 * Decides what a delivery about a known session does. Writes nothing. `replaces` is the delivery whose own earlier
 * observation does not count beside the new one, where a delivery is read once more.
 */
export function decideEffect(kycCase: KycCase, content: WebhookContent, receivedAt: Date, replaces?: string): Effect {
  const { user, session, observations } = kycCase;
  if (user.erased_at)
    return { outcome: "subject-erased", detail: "The person was erased; nothing of the body was kept." };
  if (!session.hint_waived && isForeign(content.subject.hint, user)) {
    return { outcome: "foreign-subject", detail: "The session is ours, but the delivery names another person." };
  }
  if (content.kind !== "report") return { outcome: content.kind, detail: content.why };
  const { remarks } = content;
  const report = { ...content.report, observedAt: receivedAt };
  const before = deriveSession(observations);
  const others = observations.filter(({ deliveryId }) => replaces === undefined || deliveryId !== replaces);
  const after = deriveSession([...others, report]);
  const outcome = !differs(before, after) ? "no-change" : session.superseded_at ? "session-only" : "applied";
  return { outcome, detail: remarks.join(" ") || null, told: { report, before, after } };
}

/** Whether the delivery speaks of the session's own person. */
export function isAbout({ outcome }: Effect): boolean {
  return outcome !== "foreign-subject";
}

/** vendorData is a cross-check only: our user id, the e-mail address in the PCX form, or nothing. */
function isForeign(hint: string | null, user: UserRow): boolean {
  if (hint === null) return false;
  const named = hint.trim().toLowerCase();
  return named !== user.user_id && named !== user.email;
}

function differs(before: DerivedSession, after: DerivedSession): boolean {
  const facts = ({ standingDecision: rests, ...rest }: DerivedSession) =>
    JSON.stringify([rest, rests?.verdict, rests?.reason, rests?.reasonCode, rests?.decisionTime]);
  return facts(before) !== facts(after);
}
