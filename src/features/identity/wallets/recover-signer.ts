import { checksumAddress } from "./checksum-address.ts";
import type { WalletCurve } from "./wallet-curve.ts";

/** r, s and v of a plain account's signature. */
export const plainSignatureBytes = 65;

/** The hash that a wallet signs for a text: EIP-191, version 0x45 ("personal_sign"). */
export function hashPersonalMessage(curve: Pick<WalletCurve, "keccak">, text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  return curve.keccak(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`, "utf8"), bytes]));
}

/**
 * The address whose key has signed a text, in EIP-55; decided here, without asking anybody. Undefined for what is no
 * signature: another length, v beside 27, 28, 0 and 1, r or s outside the curve's order, and s in its upper half, which
 * would be a second signature of the same text (EIP-2).
 */
export function recoverSigner(curve: WalletCurve, text: string, signature: Buffer): string | undefined {
  const v = signature[64];
  if (signature.length !== plainSignatureBytes || v === undefined) return undefined;
  const recovery = v >= 27 ? v - 27 : v;
  if (recovery !== 0 && recovery !== 1) return undefined;
  const compact = signature.subarray(0, 64);
  try {
    if (curve.hasHighS(compact)) return undefined;
    const publicKey = curve.recover({ compact, recovery }, hashPersonalMessage(curve, text));
    return checksumAddress(curve, `0x${Buffer.from(curve.keccak(publicKey)).subarray(12).toString("hex")}`);
  } catch {
    // The library's way of saying that no key can have made these bytes.
    return undefined;
  }
}
