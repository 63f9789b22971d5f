import type { Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

export async function isKnownSource(db: Db, sourceHash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom("known_sources")
    .select("user_id")
    .where("source_hash", "=", sourceHash)
    .executeTakeFirst();
  return row !== undefined;
}

/** Remembers from where a user was proven to act, or that it was seen again. */
export async function rememberSource(
  trx: Transaction<Database>,
  sourceHash: Buffer,
  userId: string,
  now: Date,
): Promise<void> {
  await trx
    .insertInto("known_sources")
    .values({ source_hash: sourceHash, user_id: userId, last_seen_at: now })
    .onConflict((conflict) => conflict.column("source_hash").doUpdateSet({ user_id: userId, last_seen_at: now }))
    .execute();
}

export async function deleteKnownSources(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("known_sources").where("user_id", "=", userId).execute();
}

/** Forgets sources not seen since a moment; gives their number. */
export async function deleteSourcesUnseenSince(db: Db, moment: Date): Promise<number> {
  const deleted = await db.deleteFrom("known_sources").where("last_seen_at", "<", moment).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
