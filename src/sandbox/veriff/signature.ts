import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Veriff's signature: HMAC-SHA256 with the shared secret taken as UTF-8 text, in lower-case hex, over the exact bytes of
 * a body or over the id in the path (Veriff developer documentation, "HMAC authentication and endpoint security").
 */
export function sign(sharedSecret: string, message: string | Buffer): string {
  return createHmac("sha256", sharedSecret).update(message).digest("hex");
}

/** Whether a received signature fits, in either case of hex, compared in constant time. */
export function signatureFits(sharedSecret: string, message: string | Buffer, received: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(received)) return false;
  return timingSafeEqual(Buffer.from(received, "hex"), Buffer.from(sign(sharedSecret, message), "hex"));
}

/** The headers on everything Veriff sends, answers and webhooks alike: old names and new ones side by side. */
export function signedHeaders(keys: { apiKey: string; sharedSecret: string }, body: string): Record<string, string> {
  const signature = sign(keys.sharedSecret, body);
  return {
    "content-type": "application/json",
    "x-auth-client": keys.apiKey,
    "x-hmac-signature": signature,
    "vrf-auth-client": keys.apiKey,
    "vrf-hmac-signature": signature,
  };
}
