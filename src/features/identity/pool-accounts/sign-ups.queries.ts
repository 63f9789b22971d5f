import { type Selectable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** A registration between the pool and our own transaction. */
export type SignUpRow = Selectable<Database["pool_sign_ups"]>;

/** Notes a registration; false where another one of the same address is noted already. */
export async function insertSignUp(
  db: Db,
  row: { user_id: string; email_hash: Buffer; sealed: string; started_at: Date },
): Promise<boolean> {
  const inserted = await db
    .insertInto("pool_sign_ups")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function findSignUpByEmail(db: Db, emailHash: Buffer): Promise<SignUpRow | undefined> {
  return db.selectFrom("pool_sign_ups").selectAll().where("email_hash", "=", emailHash).executeTakeFirst();
}

/** Strikes a registration out; false where somebody else has done so. Waits for whoever is about to. */
export async function deleteSignUp(db: Db | Transaction<Database>, userId: string): Promise<boolean> {
  const deleted = await db.deleteFrom("pool_sign_ups").where("user_id", "=", userId).executeTakeFirst();
  return deleted.numDeletedRows === 1n;
}

/** Marks what has become of a registration; false where it is struck out. Waits for whoever is about to do that. */
export async function markSignUp(
  db: Db,
  userId: string,
  mark: { state: "in doubt" } | { state: "abandoned"; subject: string },
): Promise<boolean> {
  const marked = await db.updateTable("pool_sign_ups").set(mark).where("user_id", "=", userId).executeTakeFirst();
  return marked.numUpdatedRows === 1n;
}

/** Takes registrations that were left behind, each for one process at a time. */
export async function claimLeftSignUps(
  db: Db,
  { before, now, limit }: { before: Date; now: Date; limit: number },
): Promise<SignUpRow[]> {
  const { rows } = await sql<SignUpRow>`
    update pool_sign_ups set tried_at = ${now} where user_id in (
      select user_id from pool_sign_ups where coalesce(tried_at, started_at) <= ${before}
      order by started_at limit ${limit} for update skip locked
    ) returning *`.execute(db);
  return rows;
}
