import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** The issuer of every wallet: the name space of CAIP-2 for Ethereum. */
export const walletIssuer = "eip155";

/** One wallet of a user, as it is shown. */
export type WalletRow = { identityId: string; address: string; primary: boolean; linkedAt: Date };

const shown = [
  "identity_id as identityId",
  "wallet_address as address",
  "wallet_primary as primary",
  "created_at as linkedAt",
] as const;

/** Marks a nonce as used. One statement on a unique key: of any number at once, in whatever process, one gets true. */
export async function useNonce(db: Db, nonce: string, usedAt: Date, expiresAt: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("used_wallet_nonces")
    .values({ nonce, used_at: usedAt, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column("nonce").doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Forgets used nonces that expired before a moment; gives their number. */
export async function deleteNoncesExpiredBefore(db: Db, moment: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("used_wallet_nonces")
    .where("expires_at", "<", moment)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Whose wallet this is, and on which chain its contract was asked; null for a wallet with a key. `address` in any case. */
export async function findWalletOwner(
  db: Db,
  address: string,
): Promise<{ userId: string; chainId: number | null } | undefined> {
  const row = await db
    .selectFrom("identities")
    .select(["user_id", "wallet_chain_id"])
    .where("issuer", "=", walletIssuer)
    .where("subject", "=", address.toLowerCase())
    .executeTakeFirst();
  return row && { userId: row.user_id, chainId: row.wallet_chain_id === null ? null : Number(row.wallet_chain_id) };
}

/** The user's wallets, the primary one first, then in the order of linking. */
export async function listWalletRows(db: Db, userId: string): Promise<WalletRow[]> {
  const rows = await db
    .selectFrom("identities")
    .select(shown)
    .where("user_id", "=", userId)
    .where("provider", "=", "wallet")
    .orderBy("wallet_primary", "desc")
    .orderBy("created_at")
    .orderBy("identity_id")
    .execute();
  return rows as WalletRow[];
}

/** The primary wallets of many users, in EIP-55. */
export async function findPrimaryWallets(db: Db, userIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ user_id: string; wallet_address: string }>`
    select user_id, wallet_address from identities
    where user_id = any(${userIds}::uuid[]) and wallet_primary`.execute(db);
  return new Map(rows.map((row) => [row.user_id, row.wallet_address]));
}

/** Credentials beside wallets with which the user can log in: a password here, an account elsewhere. */
export async function countOtherWaysIn(db: Db, userId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from identities
    where user_id = ${userId} and provider <> 'wallet' and (provider <> 'embedded' or password_hash is not null)`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Makes one wallet of the user the primary one, and the others not. The caller holds the user's lock. */
export async function setPrimaryWallet(
  trx: Transaction<Database>,
  userId: string,
  identityId: string,
  now: Date,
): Promise<void> {
  await trx
    .updateTable("identities")
    .set({ wallet_primary: false, updated_at: now })
    .where("user_id", "=", userId)
    .where("wallet_primary", "=", true)
    .where("identity_id", "<>", identityId)
    .execute();
  await trx
    .updateTable("identities")
    .set({ wallet_primary: true, updated_at: now })
    .where("user_id", "=", userId)
    .where("identity_id", "=", identityId)
    .execute();
}

export async function deleteWallet(
  trx: Transaction<Database>,
  { identityId }: Pick<WalletRow, "identityId">,
): Promise<void> {
  await trx.deleteFrom("identities").where("identity_id", "=", identityId).execute();
}

/** Whether an error says that the wallet has an owner already. */
export function isWalletTaken(error: unknown): boolean {
  return (error as { constraint?: string } | undefined)?.constraint === "identities_issuer_subject_key";
}
