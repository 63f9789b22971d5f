import type { Transaction } from "kysely";
import { addSeconds, type Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import { allOf, type Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import { type SecretPurpose, secretKinds } from "./one-time-secret.ts";
import { replaceSecret } from "./one-time-secrets.queries.ts";

/** A fresh secret, in clear for this moment only: what is stored is its hash. */
export type IssuedSecret = { secret: string; expiresAt: Date; lifetimeSeconds: number };

/** What a secret opens, for whom, and what else it is bound to, such as the phone number that a code was sent to. */
export type SecretBinding = { purpose: SecretPurpose; subject: string; boundTo?: string };

/** The hash is bound to all of that: the same digits elsewhere are another secret. */
export function hashSecret(hash: KeyedHash, { purpose, subject, boundTo }: SecretBinding, secret: string): Buffer {
  return hash("one-time secret", purpose, subject, secret, ...(boundTo === undefined ? [] : [boundTo]));
}

/**
 * Makes a one-time secret; any earlier one of the same purpose and subject counts no more. `tell` is done beside the
 * storing, in the same transaction.
 */
export async function issueSecret(
  deps: { clock: Clock; ids: Ids; hash: KeyedHash },
  trx: Transaction<Database>,
  binding: SecretBinding,
  tell?: (issued: IssuedSecret) => Promise<void>,
): Promise<IssuedSecret> {
  const { purpose, subject } = binding;
  const { make, lifetimeSeconds, tries } = secretKinds[purpose];
  const secret = make(deps.ids);
  const now = deps.clock.now();
  const expiresAt = addSeconds(now, lifetimeSeconds);
  const issued = { secret, expiresAt, lifetimeSeconds };
  const stored = replaceSecret(trx, {
    purpose,
    subject,
    secret_hash: hashSecret(deps.hash, binding, secret),
    tries_left: tries,
    issued_at: now,
    expires_at: expiresAt,
  });
  await allOf([stored, tell?.(issued)]);
  return issued;
}
