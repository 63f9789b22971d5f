import { timingSafeEqual } from "node:crypto";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";

/** What of a secret is kept. It has 256 random bits, so that one keyed hash hides it. */
export function hashSecret(hash: KeyedHash, clientId: string, secret: string): Buffer {
  return hash("service account secret", clientId, secret);
}

/** Whether it is the secret of that hash, told in constant time. */
export function isSecretOf(hash: KeyedHash, clientId: string, secret: string, kept: Buffer): boolean {
  return timingSafeEqual(hashSecret(hash, clientId, secret), kept);
}
