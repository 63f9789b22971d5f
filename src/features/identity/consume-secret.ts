import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import { hashSecret } from "./issue-secret.ts";
import type { SecretPurpose } from "./one-time-secret.ts";
import { trySecret } from "./one-time-secrets.queries.ts";

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
  { purpose, subject, secret }: { purpose: SecretPurpose; subject: string; secret: string },
): Promise<SecretOutcome> {
  const tried = await trySecret(
    trx,
    { purpose, subject },
    hashSecret(deps.hash, purpose, subject, secret),
    deps.clock.now(),
  );
  return tried?.matched ? "consumed" : "refused";
}
