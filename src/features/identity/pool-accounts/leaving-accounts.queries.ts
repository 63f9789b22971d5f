import type { Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** Notes that a pool's account is to be deleted. */
export async function insertLeavingAccount(trx: Transaction<Database>, subject: string): Promise<void> {
  await trx
    .insertInto("leaving_pool_accounts")
    .values({ subject })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether a pool's account is about to be deleted. */
export async function isLeavingAccount(db: Db, subject: string): Promise<boolean> {
  const query = db.selectFrom("leaving_pool_accounts").select("subject").where("subject", "=", subject);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Forgets an account that the pool has deleted. */
export async function deleteLeavingAccount(db: Db, subject: string): Promise<void> {
  await db.deleteFrom("leaving_pool_accounts").where("subject", "=", subject).execute();
}
