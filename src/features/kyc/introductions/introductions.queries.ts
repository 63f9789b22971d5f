import type { Insertable, Selectable, Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { ProviderName } from "../port.ts";

/** The caller holds the user's lock. */
export async function findIntroductionRow(
  trx: Transaction<Database>,
  userId: string,
  provider: ProviderName,
): Promise<Selectable<Database["kyc_introductions"]> | undefined> {
  return trx
    .selectFrom("kyc_introductions")
    .selectAll()
    .where("user_id", "=", userId)
    .where("provider", "=", provider)
    .executeTakeFirst();
}

/** The caller holds the user's lock and found none. */
export async function insertIntroduction(
  trx: Transaction<Database>,
  row: Insertable<Database["kyc_introductions"]>,
): Promise<void> {
  await trx.insertInto("kyc_introductions").values(row).execute();
}

/** Forgets an introduction that has done its work, or never will. */
export async function deleteIntroduction(db: Db, userId: string, provider: ProviderName): Promise<void> {
  await db.deleteFrom("kyc_introductions").where("user_id", "=", userId).where("provider", "=", provider).execute();
}

/** Forgets what providers were to be told of an erased person. */
export async function forgetIntroductions(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("kyc_introductions").where("user_id", "=", userId).execute();
}
