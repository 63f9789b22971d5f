import type { Transaction } from "kysely";
import { addSeconds, type Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Database } from "../../foundation/database/index.ts";
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

/** Makes a one-time secret; any earlier one of the same purpose and subject counts no more. */
export async function issueSecret(
  deps: { clock: Clock; ids: Ids; hash: KeyedHash },
  trx: Transaction<Database>,
  binding: SecretBinding,
): Promise<IssuedSecret> {
  const { issued, row } = makeSecret(deps, binding);
  await replaceSecret(trx, row);
  return issued;
}

/** A one-time secret and the row that has it count, once `replaceSecret` has kept it. */
export function makeSecret(
  deps: { clock: Clock; ids: Ids; hash: KeyedHash },
  binding: SecretBinding,
): { issued: IssuedSecret; row: Parameters<typeof replaceSecret>[1] } {
  const { purpose, subject } = binding;
  const { make, lifetimeSeconds, tries } = secretKinds[purpose];
  const secret = make(deps.ids);
  const now = deps.clock.now();
  const expiresAt = addSeconds(now, lifetimeSeconds);
  return {
    issued: { secret, expiresAt, lifetimeSeconds },
    row: {
      purpose,
      subject,
      secret_hash: hashSecret(deps.hash, binding, secret),
      tries_left: tries,
      issued_at: now,
      expires_at: expiresAt,
    },
  };
}
