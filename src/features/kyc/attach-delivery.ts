import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { ladderRefused, lockTarget, type UserRow } from "../users/index.ts";
import { applyKept } from "./apply-kept.ts";
import { applyUnmatched } from "./apply-unmatched.ts";
import { findKept, lockKept } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import { deliveryNotAttachable, deliveryNotFound } from "./errors.ts";
import { getProvider } from "./get-provider.ts";
import {
  findSessionByProviderId,
  insertSession,
  listPresentSessions,
  lockProviderSession,
  updateSession,
} from "./sessions.queries.ts";
import type { DeliveryRow, Outcome } from "./tables.ts";

/** An operator's word that a delivery is about a person. */
export type AttachOrder = { deliveryId: string; userId: string; reason: string; caller: UserCaller; requestId: string };

/** Whose person is not settled yet. */
const attachable: readonly Outcome[] = ["unmatched", "foreign-subject"];

/**
 * Attaches a delivery to a person: finds the session that it is about, or makes it, seals the body for the person and
 * applies it, as if it had come in now. From then on, whom the provider names in that session is not cross-checked any
 * more. Journalled, with the operator as actor and their reason.
 *
 * @throws delivery-not-found, user-not-found (404), delivery-not-attachable (409), delivery-body-gone (409); forbidden
 * for one's own account
 */
export async function attachDelivery(deps: KycDeps, order: AttachOrder): Promise<void> {
  const kept = await findKept(deps.db, order.deliveryId);
  if (!kept) throw deliveryNotFound();
  const provider = getProvider(deps.providers, kept.provider);
  await deps.db.transaction().execute(async (trx) => {
    const { user, caller } = await lockTarget(trx, order);
    if (user.user_id === caller.userId) throw ladderRefused({ detail: "Nobody decides on their own verification." });
    const providerSessionId = requireSettable(kept);
    await lockProviderSession(trx, provider.name, providerSessionId);
    const delivery = await lockKept(trx, order.deliveryId);
    requireSettable(delivery);
    const sessionId = await settleSession(deps, trx, { delivery, providerSessionId, user, order });
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: "kyc.delivery-attached",
      subject: { kind: "user", id: user.user_id },
      changes: {
        attached_delivery_id: { before: null, after: delivery.delivery_id },
        session_id: { before: null, after: sessionId },
        provider: { before: null, after: provider.name },
      },
      personal: { reason: order.reason },
      requestId: order.requestId,
    });
    const place = { provider, sessionId, providerSessionId, requestId: order.requestId };
    const { user: moved } = await applyKept(deps, trx, delivery, { ...place, user });
    await applyUnmatched(deps, trx, { ...place, user: moved });
  });
}

/** The provider's id of the session. */
function requireSettable({ outcome, provider_session_id: id }: DeliveryRow): string {
  if (!attachable.includes(outcome)) throw deliveryNotAttachable({ detail: `Its outcome is ${outcome}.` });
  if (id === null) throw deliveryNotAttachable({ detail: "It names no session of the provider." });
  return id;
}

async function settleSession(
  deps: KycDeps,
  trx: Transaction<Database>,
  input: { delivery: DeliveryRow; providerSessionId: string; user: UserRow; order: AttachOrder },
): Promise<string> {
  const { delivery, providerSessionId, user } = input;
  const session = await findSessionByProviderId(trx, delivery.provider, providerSessionId);
  if (!session) return makeSession(deps, trx, input);
  if (session.user_id !== user.user_id)
    throw deliveryNotAttachable({ detail: "Its session was opened for another person." });
  await updateSession(trx, session.session_id, { hint_waived: true });
  return session.session_id;
}

/** It becomes the person's present session, unless they have one that is decided: nobody's decision is pushed aside. */
async function makeSession(
  deps: KycDeps,
  trx: Transaction<Database>,
  { delivery, providerSessionId, user, order }: Parameters<typeof settleSession>[2],
): Promise<string> {
  const now = deps.clock.now();
  const place = { userId: user.user_id, provider: delivery.provider, purpose: "required" } as const;
  const current = (await listPresentSessions(trx, place)).find(({ state }) => state !== "reserved");
  const decided = current?.state === "success" || current?.state === "rejected";
  if (current && !decided) await updateSession(trx, current.session_id, { superseded_at: now });
  const sessionId = deps.ids.uuid();
  await insertSession(trx, {
    session_id: sessionId,
    user_id: user.user_id,
    provider: delivery.provider,
    purpose: place.purpose,
    state: "created",
    provider_session_id: providerSessionId,
    provider_status: "created",
    requested_by: `user ${order.caller.userId}`,
    original_request: JSON.stringify({ purpose: place.purpose }),
    hint_waived: true,
    superseded_at: decided ? now : null,
    created_at: now,
    updated_at: now,
  });
  return sessionId;
}
