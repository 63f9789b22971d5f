import type { WalletCurve } from "./wallet-curve.ts";

/** An address in the mixed case of EIP-55; `address` is 0x and 40 hexadecimal digits in any case. */
export function checksumAddress(curve: Pick<WalletCurve, "keccak">, address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = Buffer.from(curve.keccak(Buffer.from(digits, "ascii"))).toString("hex");
  const mixed = [...digits].map((digit, index) =>
    Number.parseInt(hash[index] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${mixed.join("")}`;
}
