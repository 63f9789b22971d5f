import type { KeyedHash } from "../../foundation/crypto/index.ts";

/** One account seen from one place. By e-mail address, so that unknown accounts are looked up alike. */
export function hashSource(hash: KeyedHash, email: string, source: string): Buffer {
  return hash("known source", email, source);
}
