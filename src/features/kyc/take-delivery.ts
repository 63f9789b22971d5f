import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { collectEntries } from "../journal/index.ts";
import { collectMessages } from "../notifications/index.ts";
import { lockUser, type UserRow } from "../users/index.ts";
import { learnName } from "./apply-unmatched.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { decideEffect } from "./decide-effect.ts";
import { countRepeats, insertDeliveries } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { describeDelivery, describeObservation } from "./describe-delivery.ts";
import { type FoundCase, getCases } from "./sessions.queries.ts";

/** Whose session a delivery is about. */
export type Owner = { session_id: string; user_id: string };

/** A delivery about a known session, whose person is locked. */
export type Locked = { incoming: IncomingDelivery; sessionId: string; user: UserRow };

/**
 * Takes in a delivery about a known session: stores it, and applies it, in one transaction. The user's row is the lock
 * for everything about their sessions, so that two deliveries for one person come one after the other. Of parallel
 * copies, one applies and the others count as its repeats.
 *
 * @returns the user as they stand now, or null when the delivery is not about them
 */
export async function takeDelivery(deps: KycDeps, incoming: IncomingDelivery, owner: Owner): Promise<UserRow | null> {
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, owner.user_id);
    const [taken] = await takeLocked(deps, trx, [{ incoming, sessionId: owner.session_id, user }]);
    return taken ?? null;
  });
}

/**
 * Takes in deliveries of different persons, each of whom the caller has locked.
 *
 * @returns for each the user as they stand now, or null when the delivery is not about them
 */
export async function takeLocked(
  deps: KycDeps,
  trx: Transaction<Database>,
  locked: readonly Locked[],
): Promise<(UserRow | null)[]> {
  const now = deps.clock.now();
  const asked = locked.map(({ incoming, sessionId }) => ({ sessionId, key: incoming.key }));
  const cases = await getCases(trx, asked);
  const userIds = locked.map(({ user }) => user.user_id);
  await deps.personKeys.prepareFor(trx, userIds);
  const decided = locked.map((one, index) => decide(deps, one, cases[index] as FoundCase, now));
  const fresh = decided.filter((one) => one.kind === "fresh");
  const described = fresh.map(async (one) => ({
    row: await describeDelivery(deps, trx, one.incoming, { ...one, now }),
    told: describeObservation(deps, one.effect, { sessionId: one.sessionId, deliveryId: one.deliveryId }),
  }));
  if (fresh.length > 0) await insertDeliveries(trx, await Promise.all(described));
  const [entries, letters] = [collectEntries(deps.journal), collectMessages(deps.messages)];
  const collecting = { ...deps, journal: entries.journal, messages: letters.messages };
  const stands: (UserRow | null)[] = [];
  for (const one of decided) {
    if (one.kind === "fresh") {
      const deed = { effect: one.effect, deliveryId: one.deliveryId, requestId: one.incoming.requestId };
      stands.push(await carryOutEffect(collecting, trx, one.kycCase, deed));
    } else {
      const first = await countRepeats(trx, one.incoming.key, { copies: 1, now });
      stands.push(first.user_id === one.user.user_id ? one.user : null);
    }
  }
  await entries.write(trx);
  await letters.write(trx);
  for (const [index, one] of decided.entries()) stands[index] = await learnNames(deps, trx, one, stands[index] ?? null);
  return stands;
}

/** What a delivery says of a further id of its session is learnt with it. */
async function learnNames(
  deps: KycDeps,
  trx: Transaction<Database>,
  decided: ReturnType<typeof decide>,
  user: UserRow | null,
): Promise<UserRow | null> {
  if (user === null || decided.kind === "repeat") return user;
  const { sessionId, incoming } = decided;
  const { provider, content, requestId } = incoming;
  const name = content.subject.alsoKnownAs;
  return name === undefined ? user : learnName(deps, trx, { provider, sessionId, name, user, requestId });
}

function decide(deps: KycDeps, { incoming, sessionId, user }: Locked, { seen, ...found }: FoundCase, now: Date) {
  if (seen) return { kind: "repeat", incoming, user } as const;
  const kycCase = { user, ...found };
  const effect = decideEffect(kycCase, incoming.content, now);
  return { kind: "fresh", incoming, sessionId, kycCase, effect, deliveryId: deps.ids.uuid() } as const;
}
