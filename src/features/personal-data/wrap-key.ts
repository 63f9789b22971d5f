import { CompactEncrypt, type CompactJWEHeaderParameters, type CryptoKey, compactDecrypt } from "jose";

/** What the header of a sealed value says, and is authenticated with it (RFC 7516, section 5.1, step 14). */
export type Binding = { kid: string; user: string; field: string };

/** Seals bytes: JWE in compact form (RFC 7516), dir with A256GCM, bound to key, person and field. */
export async function sealBytes(key: CryptoKey | Uint8Array, bytes: Uint8Array, binding: Binding): Promise<string> {
  const header: CompactJWEHeaderParameters = { alg: "dir", enc: "A256GCM", ...binding };
  return new CompactEncrypt(bytes).setProtectedHeader(header).encrypt(key);
}

/**
 * Opens what `sealBytes` made.
 *
 * @throws Error when the text was altered, is sealed under another key, or belongs to another person or field
 */
export async function openBytes(key: CryptoKey | Uint8Array, sealed: string, binding: Binding): Promise<Uint8Array> {
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
export async function wrapKey(wrappingKey: Uint8Array, bytes: Uint8Array, keyId: string, userId: string) {
  return sealBytes(wrappingKey, bytes, wrapping(keyId, userId));
}

/** The person's key back, usable but not readable. */
export async function unwrapKey(
  wrappingKey: Uint8Array,
  wrapped: string,
  keyId: string,
  userId: string,
): Promise<CryptoKey> {
  return usableKey(await openBytes(wrappingKey, wrapped, wrapping(keyId, userId)));
}

/** A key of 32 bytes, usable but not readable. */
export async function usableKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, ["encrypt", "decrypt"]);
}
