import { createHash, type KeyObject, verify } from "node:crypto";

/** `X-Webhook-Signature`, taken apart. */
export type BridgeSignature = { signedAtMilliseconds: number; time: string; bytes: Buffer };

/**
 * Reads `t=<unix ms>,v0=<base64>`: exactly one of each, split at the first `=` since base64 ends in some; parts with other
 * names are left alone. Base64 only in its one normal form, so that no two texts stand for one signature.
 */
export function readBridgeSignature(header: string): BridgeSignature | undefined {
  const parts = header.split(",").map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]);
  const [time, ...otherTimes] = parts.filter(([name]) => name === "t").map(([, value]) => value);
  const [text, ...otherTexts] = parts.filter(([name]) => name === "v0").map(([, value]) => value);
  if (time === undefined || text === undefined || otherTimes.length > 0 || otherTexts.length > 0) return undefined;
  const bytes = Buffer.from(text, "base64");
  if (!/^[1-9]\d{0,15}$/.test(time) || bytes.length === 0 || bytes.toString("base64") !== text) return undefined;
  return { signedAtMilliseconds: Number(time), time, bytes };
}

/**
 * Whether one of the keys signed `t.body`: RSASSA-PKCS1-v1_5 with SHA-256 over the SHA-256 digest of it, so hashed twice.
 *
 * Source: Bridge's "Webhook Event Signature Verification" and the test vector there; a single hash fails on it.
 */
export function holdsForBridge(keys: readonly KeyObject[], body: Buffer, { time, bytes }: BridgeSignature): boolean {
  const digest = createHash("sha256").update(`${time}.`).update(body).digest();
  return keys.some((key) => verify("RSA-SHA256", digest, key, bytes));
}

/** Whether it would hold if hashed once only, as some of Bridge's samples have it; for the log, never for a verdict. */
export function holdsHashedOnce(keys: readonly KeyObject[], body: Buffer, { time, bytes }: BridgeSignature): boolean {
  const signed = Buffer.concat([Buffer.from(`${time}.`), body]);
  return keys.some((key) => verify("RSA-SHA256", signed, key, bytes));
}
