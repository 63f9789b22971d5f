import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Veriff's signature: HMAC-SHA256 over exact bytes, or over the id in the path of a GET, keyed with the shared secret as
 * UTF-8 text (not hex-decoded though it looks like it), in hex.
 *
 * Source: devdocs.veriff.com, "HMAC authentication and endpoint security".
 */
export function signForVeriff(sharedSecret: string, message: Buffer | string): string {
  return createHmac("sha256", sharedSecret).update(message).digest("hex");
}

/** Whether a signature holds. Hex of either case; 32 bytes on both sides, compared in constant time. */
export function holdsForVeriff(sharedSecret: string, message: Buffer | string, signature: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(signature)) return false;
  const expected = createHmac("sha256", sharedSecret).update(message).digest();
  return timingSafeEqual(Buffer.from(signature, "hex"), expected);
}

/** Whether a signature of Veriff holds with the account's secret, or with one of before. */
export function holdsForAccount(
  { sharedSecret, previousSharedSecrets = [] }: { sharedSecret: string; previousSharedSecrets?: readonly string[] },
  message: Buffer | string,
  signature: string,
): boolean {
  return [sharedSecret, ...previousSharedSecrets].some((secret) => holdsForVeriff(secret, message, signature));
}
