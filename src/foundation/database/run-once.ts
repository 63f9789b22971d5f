import type { Transaction } from "kysely";
import type { Clock } from "../clock/index.ts";
import { addSeconds } from "../clock/index.ts";
import type { PlatformSeal } from "../crypto/index.ts";
import { idempotencyKeyReused } from "../errors/common.ts";
import type { Database, Db } from "./database.ts";

/** One use of an Idempotency-Key: which key, whose, and a keyed hash of the whole request. */
export type Once = { keyHash: Buffer; requestHash: Buffer };

/** How long a repeat gets the first answer again. */
const rememberedForSeconds = 24 * 3600;

/**
 * Runs a deed in one transaction. With an Idempotency-Key, the key is claimed and the answer kept, sealed, in the same
 * transaction, so that deed and memory of it stand or fall together; a repeat waits for the first and gets its answer.
 * An answer with a person's data in it names them as `aboutUser`, and is forgotten when they are erased.
 *
 * @throws idempotency-key-reused when the key came with another body
 */
export async function runOnce<Answer>(
  deps: { db: Db; clock: Clock; seal: PlatformSeal },
  once: Once | undefined,
  deed: (trx: Transaction<Database>) => Promise<Answer>,
  aboutUser?: string,
): Promise<Answer> {
  return deps.db.transaction().execute(async (trx) => {
    if (!once) return deed(trx);
    const remembered = await claimOrRecall(trx, deps.clock.now(), once);
    if (remembered) return deps.seal.open<Answer>(remembered);
    const answer = await deed(trx);
    await trx
      .updateTable("idempotency_keys")
      .set({ answer: await deps.seal.seal(answer), about_user: aboutUser ?? null })
      .where("key_hash", "=", once.keyHash)
      .execute();
    return answer;
  });
}

/**
 * The answer that a repeat gets, for deeds whose outside part must not be done twice; undefined where the key is new or
 * its deed still under way.
 *
 * @throws idempotency-key-reused when the key came with another body
 */
export async function recallOnce<Answer>(
  deps: { db: Db; clock: Clock; seal: PlatformSeal },
  once: Once | undefined,
): Promise<Answer | undefined> {
  if (!once) return undefined;
  const first = await deps.db
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("key_hash", "=", once.keyHash)
    .where("expires_at", ">", deps.clock.now())
    .executeTakeFirst();
  if (!first || first.answer === null) return undefined;
  if (!first.request_hash.equals(once.requestHash)) throw idempotencyKeyReused();
  return deps.seal.open<Answer>(first.answer);
}

/** The unique key makes a second claimant wait until the first has committed or rolled back. */
async function claimOrRecall(trx: Transaction<Database>, now: Date, once: Once): Promise<string | undefined> {
  await trx
    .deleteFrom("idempotency_keys")
    .where("key_hash", "=", once.keyHash)
    .where("expires_at", "<=", now)
    .execute();
  const claimed = await trx
    .insertInto("idempotency_keys")
    .values({
      key_hash: once.keyHash,
      request_hash: once.requestHash,
      expires_at: addSeconds(now, rememberedForSeconds),
    })
    .onConflict((conflict) => conflict.column("key_hash").doNothing())
    .executeTakeFirst();
  if (claimed.numInsertedOrUpdatedRows === 1n) return undefined;
  const first = await trx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("key_hash", "=", once.keyHash)
    .executeTakeFirstOrThrow();
  if (!first.request_hash.equals(once.requestHash)) throw idempotencyKeyReused();
  if (first.answer === null) throw new Error("An idempotency key was committed without its answer.");
  return first.answer;
}

/** Forgets the answers that hold a person's data, in the transaction that erases them. */
export async function forgetAnswers(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("idempotency_keys").where("about_user", "=", userId).execute();
}

/** Forgets answers whose day is over; gives their number. */
export async function deleteExpiredAnswers({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("idempotency_keys")
    .where("expires_at", "<=", clock.now())
    .executeTakeFirst();
  return Number(numDeletedRows);
}
