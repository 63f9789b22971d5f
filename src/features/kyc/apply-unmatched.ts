import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { decideEffect, isAbout } from "./decide-effect.ts";
import { listUnmatched, updateDelivery } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import type { KycProvider } from "./port.ts";
import { findRaw, sealRaw } from "./seal-raw.ts";
import { getCase, insertSessionName, lockProviderSession } from "./sessions.queries.ts";

/**
 * Applies the deliveries that came before their session was stored. The caller holds the user's lock and the lock of the
 * provider's session, and has stored the session. Raw bytes move from the platform's key to the person's.
 */
export async function applyUnmatched(
  deps: KycDeps,
  trx: Transaction<Database>,
  input: { provider: KycProvider; sessionId: string; providerSessionId: string; user: UserRow; requestId: string },
): Promise<UserRow> {
  let { user } = input;
  for (const delivery of await listUnmatched(trx, input.provider.name, input.providerSessionId)) {
    const body = await findRaw(deps, trx, delivery);
    if (!body) throw new Error("A delivery that waits for its session was kept without its body.");
    const { session, observations } = await getCase(trx, input.sessionId, delivery.content_hash);
    const kycCase = { user, session, observations };
    const content = input.provider.readWebhook(body);
    const effect = decideEffect(kycCase, content, delivery.received_at);
    const about = isAbout(effect);
    const { sealed, sealedFor } = await sealRaw(deps, trx, body, about ? user.user_id : null);
    await updateDelivery(trx, delivery.delivery_id, {
      raw_sealed: sealed,
      sealed_for: sealedFor,
      session_id: session.session_id,
      user_id: about ? user.user_id : null,
      outcome: effect.outcome,
      detail: effect.detail,
      applied_at: effect.outcome === "applied" ? deps.clock.now() : null,
    });
    if (!about) continue;
    const { delivery_id: deliveryId } = delivery;
    user = await carryOutEffect(deps, trx, kycCase, { effect, deliveryId, requestId: input.requestId });
    const name = content.subject.alsoKnownAs;
    if (name !== undefined) user = await learnName(deps, trx, { ...input, name, user });
  }
  return user;
}

/**
 * Notes a further id by which a provider's deliveries name a session, and applies those that came under it before. A
 * KYC link is known by its own id until the person has begun. The caller holds the user's lock.
 */
export async function learnName(
  deps: KycDeps,
  trx: Transaction<Database>,
  input: { provider: KycProvider; sessionId: string; name: string; user: UserRow; requestId: string },
): Promise<UserRow> {
  const { provider, sessionId, name, user, requestId } = input;
  await lockProviderSession(trx, provider.name, name);
  if (!(await insertSessionName(trx, { provider: provider.name, name, session_id: sessionId }))) return user;
  return applyUnmatched(deps, trx, { provider, sessionId, providerSessionId: name, user, requestId });
}
