import { randomBytes } from "node:crypto";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";

const howMany = 10;
const length = 10;
/** Crockford's base32: nothing in it looks like something else. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ten codes such as `k3v9d-0w8rt`, 50 random bits each. */
export function makeRecoveryCodes(): string[] {
  return Array.from({ length: howMany }, () => {
    const text = [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
    return `${text.slice(0, length / 2)}-${text.slice(length / 2)}`;
  });
}

/** What is kept of a code. Case, dashes and spaces do not matter, nor does reading o for 0 or i and l for 1. */
export function hashRecoveryCode(hash: KeyedHash, userId: string, code: string): Buffer {
  const plain = code.toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  return hash("recovery code", userId, plain);
}
