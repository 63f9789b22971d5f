import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { getCase, putObservation } from "./cases.queries.ts";
import { decideEffect, isAbout } from "./decide-effect.ts";
import { updateDelivery } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import { describeObservation, hasEffect } from "./describe-delivery.ts";
import { deliveryBodyGone } from "./errors.ts";
import type { KycProvider } from "./port.ts";
import { findRaw, sealRaw } from "./seal-raw.ts";
import type { DeliveryRow } from "./tables.ts";

/**
 * Applies a delivery that was kept earlier to the session that it is about: read once more with the reader of today,
 * decided and carried out on the same way as one that comes in now. What it told before is replaced, so that a replay of
 * what was applied changes nothing. The caller holds the locks of user and delivery. Raw bytes move from the platform's
 * key to the person's.
 *
 * @returns the user as they stand now, whether anything changed, and a further id of the session where it names one
 * @throws delivery-body-gone when the bytes are not kept any more
 */
export async function applyKept(
  deps: KycDeps,
  trx: Transaction<Database>,
  delivery: DeliveryRow,
  place: { provider: KycProvider; sessionId: string; user: UserRow; requestId: string },
): Promise<{ user: UserRow; changed: boolean; alsoKnownAs?: string }> {
  const { delivery_id: deliveryId } = delivery;
  const { provider, sessionId, user, requestId } = place;
  const body = await findRaw(deps, trx, delivery);
  if (!body) throw deliveryBodyGone();
  const { session, observations, others } = await getCase(trx, sessionId, undefined);
  const kycCase = { user, session, observations, others };
  const content = provider.readWebhook(body);
  const effect = decideEffect(kycCase, content, delivery.received_at, deliveryId);
  const { alsoKnownAs } = isAbout(effect) ? content.subject : {};
  const known = observations.some((observation) => observation.deliveryId === deliveryId);
  const same = known ? !effect.told || effect.outcome === "no-change" : effect.outcome === delivery.outcome;
  if (same) return { user, changed: false, alsoKnownAs };
  const about = isAbout(effect);
  const { sealed, sealedFor } = await sealRaw(deps, trx, body, about ? user.user_id : null);
  await updateDelivery(trx, deliveryId, {
    raw_sealed: sealed,
    sealed_for: sealedFor,
    provider_session_id: session.provider_session_id,
    session_id: session.session_id,
    user_id: about ? user.user_id : null,
    kind: effect.told?.report.kind ?? delivery.kind,
    outcome: effect.outcome,
    detail: effect.detail,
    applied_at: hasEffect(effect) ? deps.clock.now() : null,
  });
  const observation = describeObservation(deps, effect, { sessionId, deliveryId });
  if (observation) await putObservation(trx, observation);
  // Told of this person before, it has its entry already; a second one stands under another name.
  const deed = { effect, deliveryId, requestId, again: delivery.user_id !== null };
  return { user: (await carryOutEffect(deps, trx, kycCase, deed)) ?? user, changed: true, alsoKnownAs };
}
