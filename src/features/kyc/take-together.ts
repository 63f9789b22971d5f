import { allOf } from "../../foundation/database/index.ts";
import { findFreeUsersForUpdate, findUser, type UserRow } from "../users/index.ts";
import { type DeliveryOwner, type FoundCase, findSessionsOfDeliveries, getCases } from "./cases.queries.ts";
import { countRepeats } from "./deliveries.queries.ts";
import type { IncomingDelivery, KycDeps } from "./deps.ts";
import { keepUnmatched } from "./keep-unmatched.ts";
import { takeDelivery, takeLocked } from "./take-delivery.ts";

/** Takes in one delivery; gives the user as they stand now, or null when it is about nobody. */
export type TakeIn = (incoming: IncomingDelivery) => Promise<UserRow | null>;

type Waiting = { incoming: IncomingDelivery; resolve(user: UserRow | null): void; reject(error: unknown): void };

/** More would only lengthen the transaction that all of them wait for. */
const mostTogether = 32;

/** Turns under way at once in this process: while some wait for the database, another works. */
const mostTurns = 2;

/** A further turn begins only for so many: fewer are cheaper in the next one, and wait for a few milliseconds. */
const enoughForAnother = 6;

/**
 * Makes the one who takes deliveries in. What comes while a turn is under way waits for the next, and is then taken in
 * together: a transaction, its commit and most of its statements are shared by deliveries of different persons. A
 * delivery that comes alone waits for nobody.
 *
 * Sharing spares work and decides nothing. Whoever cannot share (their person is locked by somebody else, or comes twice)
 * gets a transaction of their own; and when a shared one fails, each is tried by itself, so that nobody pays for another.
 */
export function createTakeTogether(deps: KycDeps): TakeIn {
  const waiting: Waiting[] = [];
  let turns = 0;
  const work = async () => {
    turns += 1;
    while (waiting.length > 0) await takeTurn(deps, waiting.splice(0, mostTogether));
    turns -= 1;
  };
  return (incoming) =>
    new Promise((resolve, reject) => {
      waiting.push({ incoming, resolve, reject });
      if (turns === 0 || (turns < mostTurns && waiting.length >= enoughForAnother)) void work();
    });
}

type Owned = Waiting & { owner: DeliveryOwner };

/**
 * Takes in what can be shared, and never throws. Whatever may have to wait for somebody else's lock goes on beside the
 * turn, so that no one delivery holds up the others.
 */
async function takeTurn(deps: KycDeps, turn: readonly Waiting[]): Promise<void> {
  try {
    const owners = await findOwners(deps, turn);
    const fresh: Owned[] = [];
    for (const [index, one] of turn.entries()) {
      const owner = owners[index];
      if (owner && !owner.seen) fresh.push({ ...one, owner });
      else void settle(one, owner ? countAndFind(deps, one.incoming) : keep(deps, one.incoming));
    }
    void takeApart(deps, await takeShared(deps, fresh));
  } catch (error) {
    for (const { reject } of turn) reject(error);
  }
}

/**
 * One after the other, because those of one person would wait for each other with a connection each; and beside the
 * turns, because whom they wait for may take long.
 */
async function takeApart(deps: KycDeps, apart: readonly Owned[]): Promise<void> {
  for (const one of apart) await settle(one, takeDelivery(deps, one.incoming, one.owner));
}

async function settle({ resolve, reject }: Waiting, work: Promise<UserRow | null>): Promise<void> {
  await work.then(resolve, reject);
}

async function findOwners(deps: KycDeps, turn: readonly Waiting[]): Promise<(DeliveryOwner | undefined)[]> {
  const asked = turn.map(({ incoming: { content, key } }) => ({
    // No session has an empty id: such a delivery names none.
    providerSessionId: content.subject.providerSessionId ?? "",
    key,
  }));
  return findSessionsOfDeliveries(deps.db, asked);
}

const keep = (deps: KycDeps, incoming: IncomingDelivery) =>
  keepUnmatched(deps, incoming, incoming.content.subject.providerSessionId);

async function countAndFind(deps: KycDeps, { key }: IncomingDelivery): Promise<UserRow | null> {
  const first = await countRepeats(deps.db, key, { copies: 1, now: deps.clock.now() });
  return (first.user_id && (await findUser(deps.db, first.user_id))) || null;
}

/** Gives those who have to be taken in apart. */
async function takeShared(deps: KycDeps, fresh: readonly Owned[]): Promise<Owned[]> {
  const firsts = fresh.filter(
    (one, index) => fresh.findIndex(({ owner }) => owner.user_id === one.owner.user_id) === index,
  );
  if (firsts.length === 0) return [];
  try {
    const taken = await takeFree(deps, firsts);
    for (const [one, user] of taken) one.resolve(user);
    return fresh.filter((one) => !taken.has(one));
  } catch (error) {
    deps.log.warn("deliveries could not be taken in together", { error });
    return [...fresh];
  }
}

async function takeFree(deps: KycDeps, firsts: readonly Owned[]): Promise<Map<Owned, UserRow | null>> {
  return deps.db.transaction().execute(async (trx) => {
    const asked = firsts.map(({ owner, incoming }) => ({ sessionId: owner.session_id, key: incoming.key }));
    const userIds = firsts.map(({ owner }) => owner.user_id);
    const users = await findFreeUsersForUpdate(trx, userIds);
    // Not beside the locks: what is read of the locked ones has to be read under them.
    const [cases] = await allOf([getCases(trx, asked), deps.personKeys.prepareFor(trx, userIds)]);
    const free = firsts.flatMap((one, index) => {
      const user = users.find(({ user_id }) => user_id === one.owner.user_id);
      const found = cases[index] as FoundCase;
      return user ? [{ one, locked: { incoming: one.incoming, sessionId: one.owner.session_id, user, found } }] : [];
    });
    if (free.length === 0) return new Map();
    const stands = await takeLocked(
      deps,
      trx,
      free.map(({ locked }) => locked),
    );
    return new Map(free.map(({ one }, index) => [one, stands[index] ?? null]));
  });
}
