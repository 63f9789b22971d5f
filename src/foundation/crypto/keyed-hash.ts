import { createHmac } from "node:crypto";

/**
 * A keyed hash (HMAC-SHA256): finds or compares a value without keeping it. Without the key, short values such as
 * codes or ID numbers cannot be guessed from their hash.
 */
export type KeyedHash = (purpose: string, ...parts: string[]) => Buffer;

/** Makes the hash from its 32-byte key. Parts are length-prefixed, so that no two lists of parts collide. */
export function createKeyedHash(key: Buffer): KeyedHash {
  return (purpose, ...parts) => {
    const hmac = createHmac("sha256", key);
    for (const part of [purpose, ...parts]) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  };
}
