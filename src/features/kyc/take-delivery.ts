import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { lockUser, type UserRow } from "../users/index.ts";
import { learnName } from "./apply-unmatched.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { decideEffect, type Effect, isAbout, type KycCase } from "./decide-effect.ts";
import { countRepeats, insertDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { sealRaw } from "./seal-raw.ts";
import { getCase } from "./sessions.queries.ts";

/**
 * Takes in a delivery about a known session: stores it, and applies it, in one transaction. The user's row is the lock
 * for everything about their sessions, so that two deliveries for one person come one after the other. Of parallel
 * copies, one applies and the others count as its repeats.
 *
 * @returns the user as they stand now, or null when the delivery is not about them
 */
export async function takeDelivery(
  deps: KycDeps,
  incoming: IncomingDelivery,
  owner: { session_id: string; user_id: string },
): Promise<UserRow | null> {
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, owner.user_id);
    const { seen, ...found } = await getCase(trx, owner.session_id, incoming.contentHash);
    const kycCase = { user, ...found };
    if (seen) {
      const first = await countRepeats(trx, incoming.provider.name, incoming.contentHash, {
        copies: 1,
        now: deps.clock.now(),
      });
      return first.user_id === user.user_id ? user : null;
    }
    const effect = decideEffect(kycCase, incoming.content, deps.clock.now());
    const deliveryId = deps.ids.uuid();
    await insertDelivery(trx, {
      delivery_id: deliveryId,
      ...(await describeDelivery(deps, trx, incoming, kycCase, effect)),
    });
    if (!isAbout(effect)) return null;
    const { provider, content, requestId } = incoming;
    const followed = await carryOutEffect(deps, trx, kycCase, { effect, deliveryId, requestId });
    const name = content.subject.alsoKnownAs;
    if (name === undefined) return followed;
    return learnName(deps, trx, { provider, sessionId: owner.session_id, name, user: followed, requestId });
  });
}

async function describeDelivery(
  deps: KycDeps,
  trx: Transaction<Database>,
  incoming: IncomingDelivery,
  { user, session }: KycCase,
  effect: Effect,
) {
  const now = deps.clock.now();
  const { sealed, sealedFor } = await sealRaw(deps, trx, incoming.delivery.body, isAbout(effect) ? user.user_id : null);
  return {
    provider: incoming.provider.name,
    received_at: now,
    last_received_at: now,
    content_hash: incoming.contentHash,
    signature: "valid",
    headers: JSON.stringify(incoming.headers),
    raw_sealed: sealed,
    sealed_for: sealedFor,
    kind: effect.told?.report.kind ?? incoming.content.kind,
    provider_session_id: session.provider_session_id,
    session_id: session.session_id,
    user_id: isAbout(effect) ? user.user_id : null,
    outcome: effect.outcome,
    detail: effect.detail,
    applied_at: effect.outcome === "applied" || effect.outcome === "session-only" ? now : null,
  };
}
