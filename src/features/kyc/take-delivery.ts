import { lockUser, type UserRow } from "../users/index.ts";
import { learnName } from "./apply-unmatched.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { decideEffect } from "./decide-effect.ts";
import { countRepeats, insertDelivery } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { describeDelivery, describeObservation } from "./describe-delivery.ts";
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
  const { key, content, requestId } = incoming;
  return deps.db.transaction().execute(async (trx) => {
    const now = deps.clock.now();
    const user = await lockUser(trx, owner.user_id);
    const { seen, ...found } = await getCase(trx, owner.session_id, key);
    if (seen) {
      const first = await countRepeats(trx, key, { copies: 1, now });
      return first.user_id === user.user_id ? user : null;
    }
    const kycCase = { user, ...found };
    const effect = decideEffect(kycCase, content, now);
    const deliveryId = deps.ids.uuid();
    const row = await describeDelivery(deps, trx, incoming, { kycCase, effect, deliveryId, now });
    const sessionId = owner.session_id;
    await insertDelivery(trx, row, describeObservation(deps, effect, { sessionId, deliveryId }));
    const followed = await carryOutEffect(deps, trx, kycCase, { effect, deliveryId, requestId });
    const name = content.subject.alsoKnownAs;
    if (followed === null || name === undefined) return followed;
    return learnName(deps, trx, { provider: incoming.provider, sessionId, name, user: followed, requestId });
  });
}
