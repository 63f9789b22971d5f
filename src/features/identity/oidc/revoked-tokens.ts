import type { Transaction } from "kysely";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import { selectKeptRecords, upsertRecord } from "./oidc-records.queries.ts";
import { recordKey } from "./record-adapter.ts";
import type { ServiceToken } from "./verify-access-token.ts";

const model = "RevokedToken";

/** Takes one token of a service account back: it counts no more from the next request on. */
export async function revokeServiceToken(
  { hash }: { hash: KeyedHash },
  trx: Transaction<Database>,
  token: ServiceToken,
): Promise<void> {
  await upsertRecord(trx, recordKey(hash, model, token.tokenId), {
    payload: {},
    grantId: null,
    userId: null,
    uidHash: null,
    expiresAt: token.expiresAt,
  });
}

/** Of these token ids, the ones that were revoked; one query for all. */
export async function findRevokedTokens(
  { db, hash }: { db: Db; hash: KeyedHash },
  tokenIds: readonly string[],
): Promise<Set<string>> {
  const hashes = tokenIds.map((tokenId) => recordKey(hash, model, tokenId).idHash);
  const found = new Set((await selectKeptRecords(db, model, hashes)).map((idHash) => idHash.toString("hex")));
  return new Set(tokenIds.filter((_id, index) => found.has(hashes[index]?.toString("hex") ?? "")));
}
