import { compactDecrypt } from "jose";
import { sealCompact, secretKey } from "./seal-compact.ts";

/** Seals values that belong to the platform, not to one person: remembered answers, wrapped keys. */
export type PlatformSeal = {
  /** Any JSON value → JWE in compact form (RFC 7516; dir, A256GCM). */
  seal(value: unknown): Promise<string>;
  /** The value back. Throws when the text was altered or sealed under another key. */
  open<Value>(sealed: string): Promise<Value>;
};

/** Makes the seal from its 32-byte key. */
export function createPlatformSeal(key: Uint8Array): PlatformSeal {
  const secret = secretKey(key);
  return {
    seal: async (value) => sealCompact(secret, Buffer.from(JSON.stringify(value)), { kid: "platform-1" }),
    open: async <Value>(sealed: string) => {
      const { plaintext } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ["dir"],
        contentEncryptionAlgorithms: ["A256GCM"],
      });
      return JSON.parse(new TextDecoder().decode(plaintext)) as Value;
    },
  };
}
