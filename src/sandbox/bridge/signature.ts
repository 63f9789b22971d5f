import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** A key pair for one webhook endpoint, in PEM. */
export function newKeyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/**
 * The value of `X-Webhook-Signature`: RSASSA-PKCS1-v1_5 with SHA-256 over the SHA-256 digest of `t.body`, so hashed twice,
 * as Bridge's own test vector shows.
 */
export function signatureHeader(privateKey: string, body: string, signedAtMilliseconds: number): string {
  const digest = createHash("sha256").update(`${signedAtMilliseconds}.${body}`).digest();
  return `t=${signedAtMilliseconds},v0=${sign("RSA-SHA256", digest, privateKey).toString("base64")}`;
}
