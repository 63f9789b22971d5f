import type { KeyObject } from "node:crypto";
import { compactDecrypt } from "jose";
import { sealCompact, secretKey } from "../../foundation/crypto/index.ts";

/** What the header of a sealed value says, and is authenticated with it (RFC 7516, section 5.1, step 14). */
export type Binding = { kid: string; user: string; field: string };

/**
 * Opens what `sealCompact` made.
 *
 * @throws Error when the text was altered, is sealed under another key, or belongs to another person or field
 */
export async function openBytes(key: KeyObject, sealed: string, binding: Binding): Promise<Uint8Array> {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  const { kid, user, field } = protectedHeader;
  if (kid !== binding.kid || user !== binding.user || field !== binding.field) {
    throw new Error(`The sealed value is not the "${binding.field}" of this person: it was moved from elsewhere.`);
  }
  return plaintext;
}

const wrapping = (keyId: string, user: string): Binding => ({ kid: `master/${keyId}`, user, field: "key" });

/** A person's key (32 bytes) under the master's wrapping key, bound to the row it stands in. */
export function wrapKey(wrappingKey: KeyObject, bytes: Uint8Array, keyId: string, userId: string): string {
  return sealCompact(wrappingKey, bytes, wrapping(keyId, userId));
}

/** The person's key back, usable but not readable. */
export async function unwrapKey(
  wrappingKey: KeyObject,
  wrapped: string,
  keyId: string,
  userId: string,
): Promise<KeyObject> {
  return secretKey(await openBytes(wrappingKey, wrapped, wrapping(keyId, userId)));
}
