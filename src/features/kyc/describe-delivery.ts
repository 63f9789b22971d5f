import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { NewObservation, SessionChanges } from "./cases.queries.ts";
import { type Effect, isAbout, type KycCase } from "./decide-effect.ts";
import type { NewDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import type { DerivedSession } from "./derive-session.ts";
import { planCheck } from "./plan-check.ts";
import { sealRaw } from "./seal-raw.ts";

/** The row of a delivery about a known session, its body sealed for the person where it is theirs. */
export async function describeDelivery(
  deps: KycDeps,
  trx: Transaction<Database>,
  incoming: IncomingDelivery,
  described: { kycCase: KycCase; effect: Effect; deliveryId: string; now: Date },
): Promise<NewDelivery> {
  const { kycCase, effect, deliveryId, now } = described;
  const { user, session } = kycCase;
  const { key, delivery, content, headers } = incoming;
  const { sealed, sealedFor } = await sealRaw(deps, trx, delivery.body, isAbout(effect) ? user.user_id : null);
  return {
    delivery_id: deliveryId,
    provider: key.provider,
    received_at: now,
    last_received_at: now,
    content_hash: key.contentHash,
    event_id: key.eventId ?? null,
    signature: "valid",
    headers: JSON.stringify(headers),
    raw_sealed: sealed,
    sealed_for: sealedFor,
    kind: effect.told?.report.kind ?? content.kind,
    provider_session_id: session.provider_session_id,
    session_id: session.session_id,
    user_id: isAbout(effect) ? user.user_id : null,
    outcome: effect.outcome,
    detail: effect.detail,
    applied_at: hasEffect(effect) ? now : null,
  };
}

/** Whether the session follows. */
export function hasEffect({ outcome }: Effect): boolean {
  return outcome === "applied" || outcome === "session-only";
}

/** What a delivery, or an answer, told of its session, as a row, and what the session is then. */
export function describeObservation(
  deps: Pick<KycDeps, "ids" | "clock">,
  effect: Effect,
  { sessionId, deliveryId }: { sessionId: string; deliveryId: string | null },
): NewObservation | undefined {
  if (!effect.told) return undefined;
  const { report, after } = effect.told;
  return {
    row: {
      observation_id: deps.ids.uuid(),
      delivery_id: deliveryId,
      session_id: sessionId,
      kind: report.kind,
      attempt_id: report.attemptId,
      verdict: report.verdict,
      provider_status: report.providerStatus,
      reason: report.reason,
      reason_code: report.reasonCode,
      decision_time: report.decisionTime,
      observed_at: report.observedAt,
    },
    changes: hasEffect(effect) ? toColumns(after, deps.clock.now()) : undefined,
  };
}

function toColumns(after: DerivedSession, now: Date): SessionChanges {
  return {
    state: after.state,
    verdict: after.verdict,
    provider_status: after.providerStatus,
    reason: after.reason,
    reason_code: after.reasonCode,
    decision_time: after.decisionTime,
    updated_at: now,
    next_check_at: planCheck(after.state, 0, now),
    checks: 0,
  };
}
