import { hkdfSync } from "node:crypto";

/** What each derived key is for. A key serves one purpose only. */
export type KeyPurpose = "seal" | "hash" | "cursor" | "cookie";

/**
 * Reads the master key from its text form: 32 bytes in base64 or base64url.
 *
 * @throws Error with the remedy when the text has another form
 */
export function readMasterKey(text: string): Buffer {
  const bytes = Buffer.from(text.trim(), "base64");
  if (bytes.length !== 32) {
    throw new Error("The master key must be 32 bytes in base64; make one with `openssl rand -base64 32`.");
  }
  return bytes;
}

/** Derives the 32-byte key of one purpose from the master key (HKDF-SHA256, RFC 5869). */
export function deriveKey(masterKey: Buffer, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "usher", `usher/${purpose}/v1`, 32));
}
