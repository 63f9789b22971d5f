import type { Transaction } from "kysely";
import { allOf, type Database } from "../../foundation/database/index.ts";
import { collectEntries } from "../journal/index.ts";
import { collectMessages } from "../notifications/index.ts";
import { lockUser, type UserRow } from "../users/index.ts";
import { learnName } from "./apply-unmatched.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { type FoundCase, getCase } from "./cases.queries.ts";
import { decideEffect } from "./decide-effect.ts";
import { countRepeats, insertDeliveries } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { describeDelivery, describeObservation } from "./describe-delivery.ts";

/** Whose session a delivery is about. */
export type Owner = { session_id: string; user_id: string };

/** A delivery about a known session, whose person is locked. */
export type Locked = {
  incoming: IncomingDelivery;
  sessionId: string;
  user: UserRow;
  /** What the decision rests on, read under the lock. */
  found: FoundCase;
};

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
    const { session_id: sessionId } = owner;
    const found = await getCase(trx, sessionId, incoming.key);
    const [taken] = await takeLocked(deps, trx, [{ incoming, sessionId, user, found }]);
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
  const decided = locked.map((one) => decide(deps, one, now));
  const fresh = decided.filter((one) => one.kind === "fresh");
  const described = fresh.map(async (one) => ({
    row: await describeDelivery(deps, trx, one.incoming, { ...one, now }),
    told: describeObservation(deps, one.effect, { sessionId: one.sessionId, deliveryId: one.deliveryId }),
  }));
  const taken = await allOf(described);
  const [entries, letters] = [collectEntries(deps.journal), collectMessages(deps.messages)];
  const collecting = { ...deps, journal: entries.journal, messages: letters.messages };
  const [, stands] = await allOf([
    taken.length > 0 ? insertDeliveries(trx, taken) : undefined,
    allOf(decided.map((one) => carryOut(collecting, trx, one, now))),
  ]);
  await allOf([entries.write(trx), letters.write(trx)]);
  return allOf(decided.map((one, index) => learnNames(deps, trx, one, stands[index] ?? null)));
}

/** Of a repeat, that it came; gives the user where the delivery is about them. */
async function carryOut(
  deps: KycDeps,
  trx: Transaction<Database>,
  decided: Decided,
  now: Date,
): Promise<UserRow | null> {
  const { incoming } = decided;
  if (decided.kind === "fresh") {
    const { kycCase, effect, deliveryId } = decided;
    return carryOutEffect(deps, trx, kycCase, { effect, deliveryId, requestId: incoming.requestId });
  }
  const first = await countRepeats(trx, incoming.key, { copies: 1, now });
  return first.user_id === decided.user.user_id ? decided.user : null;
}

/** What a delivery says of a further id of its session is learnt with it. */
async function learnNames(
  deps: KycDeps,
  trx: Transaction<Database>,
  decided: Decided,
  user: UserRow | null,
): Promise<UserRow | null> {
  if (user === null || decided.kind === "repeat") return user;
  const { sessionId, incoming } = decided;
  const { provider, content, requestId } = incoming;
  const name = content.subject.alsoKnownAs;
  return name === undefined ? user : learnName(deps, trx, { provider, sessionId, name, user, requestId });
}

type Decided = ReturnType<typeof decide>;

function decide(deps: KycDeps, { incoming, sessionId, user, found: { seen, ...found } }: Locked, now: Date) {
  if (seen) return { kind: "repeat", incoming, user } as const;
  const kycCase = { user, ...found };
  const effect = decideEffect(kycCase, incoming.content, now);
  return { kind: "fresh", incoming, sessionId, kycCase, effect, deliveryId: deps.ids.uuid() } as const;
}
