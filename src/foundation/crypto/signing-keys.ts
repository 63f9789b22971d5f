import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type Kysely, sql, type Transaction } from "kysely";
import { addSeconds, type Clock } from "../clock/index.ts";
import type { Database } from "../database/database.ts";
import type { PlatformSeal } from "./platform-seal.ts";

/** What a key signs: access tokens (ES256, published as JWKS) or journal checkpoints (Ed25519). */
export type SigningUse = "tokens" | "checkpoints";

/** A private key as JWK with `kid`, `alg` and `use`. */
export type SigningKey = JWK & { kid: string; alg: string };

type KeyDeps = { seal: PlatformSeal; clock: Clock };

const algorithms = { tokens: "ES256", checkpoints: "Ed25519" } as const;

/**
 * All keys of one use: first the one that signs now, then those that signed before it, then one that is to come; makes
 * the first one when there is none. Private keys rest sealed in the database, so that every process signs with the
 * same. Two processes at once make one key.
 */
export async function loadSigningKeys(
  deps: KeyDeps & { db: Kysely<Database> },
  use: SigningUse,
): Promise<[SigningKey, ...SigningKey[]]> {
  return deps.db.transaction().execute(async (trx) => {
    await lockKeys(trx, use);
    const now = deps.clock.now();
    const rows = await findLiveKeys(trx, use, now);
    const inUse = [...rows.filter((row) => row.signs_from <= now), ...rows.filter((row) => row.signs_from > now)];
    const [first, ...others] = await Promise.all(inUse.map((row) => deps.seal.open<SigningKey>(row.private_jwk)));
    return first ? [first, ...others] : [await makeSigningKey(trx, deps, use, now)];
  });
}

/** One key as an operator sees it: nothing secret. */
export type KeyFacts = { kid: string; createdAt: Date; signsFrom: Date; retiresAt: Date | null };

/** The keys of one use that are published, newest first. */
export async function listSigningKeys(
  { db, clock }: { db: Kysely<Database>; clock: Clock },
  use: SigningUse,
): Promise<KeyFacts[]> {
  return (await findLiveKeys(db, use, clock.now())).map(toFacts);
}

/** How a change of keys goes: seconds from publishing to use, and from then on until the old key is taken away. */
export type Overlap = { publishSeconds: number; overlapSeconds: number };

/**
 * Makes the next key and dates the end of the present ones. While one is published and not in use yet, that one is
 * given back, so that two operators at once make one change.
 *
 * @returns the next key, and whether this call made it
 */
export async function rotateSigningKey(
  deps: KeyDeps,
  trx: Transaction<Database>,
  use: SigningUse,
  { publishSeconds, overlapSeconds }: Overlap,
): Promise<KeyFacts & { made: boolean }> {
  await lockKeys(trx, use);
  const now = deps.clock.now();
  const waiting = (await findLiveKeys(trx, use, now)).find((row) => row.signs_from > now);
  if (waiting && publishSeconds > 0) return { ...toFacts(waiting), made: false };
  const signsFrom = addSeconds(now, publishSeconds);
  const retiresAt = addSeconds(signsFrom, overlapSeconds);
  await trx
    .updateTable("signing_keys")
    .set({ retired_at: retiresAt })
    .where("use", "=", use)
    .where((where) => where.or([where("retired_at", "is", null), where("retired_at", ">", retiresAt)]))
    .execute();
  const key = await makeSigningKey(trx, deps, use, signsFrom);
  return { kid: key.kid, createdAt: now, signsFrom, retiresAt: null, made: true };
}

async function lockKeys(trx: Transaction<Database>, use: SigningUse): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`usher signing key ${use}`}))`.execute(trx);
}

async function findLiveKeys(db: Kysely<Database>, use: SigningUse, now: Date) {
  return db
    .selectFrom("signing_keys")
    .selectAll()
    .where("use", "=", use)
    .where((where) => where.or([where("retired_at", "is", null), where("retired_at", ">", now)]))
    .orderBy("signs_from", "desc")
    .orderBy("created_at", "desc")
    .execute();
}

function toFacts(row: { kid: string; created_at: Date; signs_from: Date; retired_at: Date | null }): KeyFacts {
  return { kid: row.kid, createdAt: row.created_at, signsFrom: row.signs_from, retiresAt: row.retired_at };
}

async function makeSigningKey(
  trx: Transaction<Database>,
  deps: KeyDeps,
  use: SigningUse,
  signsFrom: Date,
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
    .values({ kid: key.kid, use, private_jwk: await deps.seal.seal(key), created_at: now, signs_from: signsFrom })
    .execute();
  return key;
}
