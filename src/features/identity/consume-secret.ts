import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import { hashSecret, type SecretBinding } from "./issue-secret.ts";
import { findLiveSecret, reopenSecretRow, trySecret } from "./one-time-secrets.queries.ts";

/** `refused` does not say why: wrong, expired, used and unknown look alike. */
export type SecretOutcome = "consumed" | "refused";

/**
 * The one way to use a one-time secret. A wrong try is counted by the same statement that would have consumed the
 * secret, so the caller must let its transaction commit on `refused` and raise its error after the commit: a rollback
 * would give the try back. Of 64 contenders with the right secret, one gets `consumed`.
 */
export async function consumeSecret(
  deps: { clock: Clock; hash: KeyedHash },
  trx: Transaction<Database>,
  { secret, ...binding }: SecretBinding & { secret: string },
): Promise<SecretOutcome> {
  const secretHash = hashSecret(deps.hash, binding, secret);
  const tried = await trySecret(trx, binding, secretHash, deps.clock.now());
  return tried?.matched ? "consumed" : "refused";
}

/**
 * Whether this very secret could be consumed now. It costs no try: for tokens too long to be guessed, asked before
 * anything of their owner's is counted, so that strangers cannot use up somebody's tries.
 */
export async function isSecretLive(
  deps: { clock: Clock; hash: KeyedHash },
  db: Db,
  { secret, ...binding }: SecretBinding & { secret: string },
): Promise<boolean> {
  return findLiveSecret(db, binding, hashSecret(deps.hash, binding, secret), deps.clock.now());
}

/**
 * Gives a secret back that this very transaction has consumed, because what came with it was wrong: a challenge stands
 * until its answer is right. The try stays counted.
 */
export async function giveBackSecret(trx: Transaction<Database>, { purpose, subject }: SecretBinding): Promise<void> {
  await reopenSecretRow(trx, { purpose, subject });
}
