/** Keccak-256 and secp256k1, which Node's own crypto lacks or cannot recover keys with. */
export type WalletCurve = {
  keccak(bytes: Uint8Array): Uint8Array;
  /** The uncompressed public key that made a signature, without its first byte. @throws Error when there is none */
  recover(signature: { compact: Uint8Array; recovery: number }, hash: Uint8Array): Uint8Array;
  /** Whether s lies in the upper half of the order: the malleable twin of a signature (EIP-2). */
  hasHighS(compact: Uint8Array): boolean;
};

let loaded: Promise<WalletCurve> | undefined;

/**
 * Loads the curve when a wallet first needs it. These are the libraries beneath viem, which alone would bring twice their
 * memory: a process that sees no wallet pays for neither.
 */
export function loadCurve(): Promise<WalletCurve> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<WalletCurve> {
  const [{ secp256k1 }, { keccak_256 }] = await Promise.all([
    import("@noble/curves/secp256k1"),
    import("@noble/hashes/sha3.js"),
  ]);
  return {
    keccak: (bytes) => keccak_256(bytes),
    recover: ({ compact, recovery }, hash) =>
      secp256k1.Signature.fromCompact(compact)
        .addRecoveryBit(recovery)
        .recoverPublicKey(hash)
        .toRawBytes(false)
        .slice(1),
    hasHighS: (compact) => secp256k1.Signature.fromCompact(compact).hasHighS(),
  };
}
