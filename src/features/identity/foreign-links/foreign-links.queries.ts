import type { Insertable, Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { IdentityRow } from "../tables.ts";

/** Credentials that an operator links; those of wallets, passwords and the pool come about by themselves. */
export const linkedProvider = "oidc";

/** Undefined where the issuer's subject is linked already, to whomever. */
export async function insertForeignLink(
  trx: Transaction<Database>,
  row: Insertable<Database["identities"]>,
): Promise<IdentityRow | undefined> {
  return trx
    .insertInto("identities")
    .values(row)
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export async function listForeignLinks(db: Db, userId: string): Promise<IdentityRow[]> {
  return db
    .selectFrom("identities")
    .selectAll()
    .where("user_id", "=", userId)
    .where("provider", "=", linkedProvider)
    .orderBy("identity_id")
    .execute();
}

/** What was deleted, or undefined. */
export async function deleteForeignLink(
  trx: Transaction<Database>,
  userId: string,
  identityId: string,
): Promise<IdentityRow | undefined> {
  return trx
    .deleteFrom("identities")
    .where("identity_id", "=", identityId)
    .where("user_id", "=", userId)
    .where("provider", "=", linkedProvider)
    .returningAll()
    .executeTakeFirst();
}
