import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Clock } from "../clock/index.ts";
import type { Database } from "../database/database.ts";
import type { PlatformSeal } from "./platform-seal.ts";

/** What a key signs: access tokens (ES256, published as JWKS) or journal checkpoints (Ed25519). */
export type SigningUse = "tokens" | "checkpoints";

/** A private key as JWK with `kid`, `alg` and `use`. */
export type SigningKey = JWK & { kid: string; alg: string };

const algorithms = { tokens: "ES256", checkpoints: "Ed25519" } as const;

/**
 * All keys of one use, newest first; makes the first one when there is none. Private keys rest sealed in the database,
 * so that every process signs with the same. Two processes at once make one key.
 */
export async function loadSigningKeys(
  deps: { db: Kysely<Database>; seal: PlatformSeal; clock: Clock },
  use: SigningUse,
): Promise<[SigningKey, ...SigningKey[]]> {
  return deps.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`usher signing key ${use}`}))`.execute(trx);
    const rows = await trx
      .selectFrom("signing_keys")
      .select("private_jwk")
      .where("use", "=", use)
      .where("retired_at", "is", null)
      .orderBy("created_at", "desc")
      .execute();
    const [newest, ...older] = await Promise.all(rows.map((row) => deps.seal.open<SigningKey>(row.private_jwk)));
    return newest ? [newest, ...older] : [await makeSigningKey(trx, deps, use)];
  });
}

async function makeSigningKey(
  trx: Transaction<Database>,
  deps: { seal: PlatformSeal; clock: Clock },
  use: SigningUse,
): Promise<SigningKey> {
  const alg = algorithms[use];
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const now = deps.clock.now();
  const key = {
    ...(await exportJWK(privateKey)),
    alg,
    use: "sig",
    kid: `${use}-${now.toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`,
  };
  await trx
    .insertInto("signing_keys")
    .values({ kid: key.kid, use, private_jwk: await deps.seal.seal(key), created_at: now })
    .execute();
  return key;
}
