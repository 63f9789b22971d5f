import type { Insertable, Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { IdentityRow } from "./tables.ts";

export async function insertIdentity(
  trx: Transaction<Database>,
  row: Insertable<Database["identities"]>,
): Promise<void> {
  await trx.insertInto("identities").values(row).execute();
}

/** The user's credential at one provider. */
export async function findIdentity(db: Db, userId: string, provider: string): Promise<IdentityRow | undefined> {
  return db
    .selectFrom("identities")
    .selectAll()
    .where("user_id", "=", userId)
    .where("provider", "=", provider)
    .executeTakeFirst();
}

/** The credential that a foreign token or account leads to. */
export async function findIdentityBySubject(db: Db, issuer: string, subject: string): Promise<IdentityRow | undefined> {
  return db
    .selectFrom("identities")
    .selectAll()
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .executeTakeFirst();
}

export async function updatePasswordHash(
  trx: Transaction<Database>,
  identityId: string,
  passwordHash: string | null,
  now: Date,
): Promise<void> {
  await trx
    .updateTable("identities")
    .set({ password_hash: passwordHash, updated_at: now })
    .where("identity_id", "=", identityId)
    .execute();
}

export async function deleteIdentities(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("identities").where("user_id", "=", userId).execute();
}
