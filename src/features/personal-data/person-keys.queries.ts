import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

/** A key's row; `wrapped_key` is null once it is destroyed. */
export type PersonKeyRow = { key_id: string; user_id: string; wrapped_key: string | null };

/** Adds a person's key. The unique index refuses a second live one. */
export async function insertKey(
  trx: Transaction<Database>,
  row: { key_id: string; user_id: string; wrapped_key: string; created_at: Date },
): Promise<void> {
  await trx.insertInto("person_keys").values(row).execute();
}

/** The key that new values of this person are sealed with. */
export async function findLiveKey(db: Db, userId: string): Promise<PersonKeyRow | undefined> {
  return db
    .selectFrom("person_keys")
    .select(["key_id", "user_id", "wrapped_key"])
    .where("user_id", "=", userId)
    .where("destroyed_at", "is", null)
    .executeTakeFirst();
}

/** As findLiveKey, for many people. */
export async function listLiveKeys(db: Db, userIds: readonly string[]): Promise<PersonKeyRow[]> {
  const { rows } = await sql<PersonKeyRow>`/* prepared: live keys */
    select key_id, user_id, wrapped_key from person_keys
    where user_id = any(${userIds}::uuid[]) and destroyed_at is null`.execute(db);
  return rows;
}

/** All keys the person ever had, destroyed ones too. */
export async function listKeys(db: Db, userId: string): Promise<PersonKeyRow[]> {
  return db
    .selectFrom("person_keys")
    .select(["key_id", "user_id", "wrapped_key"])
    .where("user_id", "=", userId)
    .execute();
}

/** Empties every live key of the person; gives the ids of those it destroyed. */
export async function emptyKeys(trx: Transaction<Database>, userId: string, now: Date): Promise<string[]> {
  const rows = await trx
    .updateTable("person_keys")
    .set({ wrapped_key: null, destroyed_at: now })
    .where("user_id", "=", userId)
    .where("destroyed_at", "is", null)
    .returning("key_id")
    .execute();
  return rows.map((row) => row.key_id);
}
