import { unavailable } from "../../../foundation/errors/common.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { Chain } from "./chain.ts";
import { findFaults } from "./check-message.ts";
import { checksumAddress } from "./checksum-address.ts";
import { composeMessage } from "./compose-message.ts";
import { contractWalletRefused, invalidNonce, invalidWalletMessage, invalidWalletSignature } from "./errors.ts";
import { expiryOf, type NonceFacts, openNonce } from "./nonce.ts";
import { plainSignatureBytes, recoverSigner } from "./recover-signer.ts";
import { readMessage } from "./siwe-message.ts";
import { loadCurve, type WalletCurve } from "./wallet-curve.ts";
import { findWalletOwner, useNonce } from "./wallets.queries.ts";

/** How wallets are dealt with, from the configuration. */
export type WalletSettings = {
  publicUrl: string;
  /** Chains that a message may name; the first one is the usual. */
  chainIds: readonly [number, ...number[]];
  /** Whether the bare nonce may be signed in place of a message. */
  bareNonce: boolean;
  /** Where contract wallets are asked about; without it they are refused. */
  chain: Chain | undefined;
};

export type WalletDeps = IdentityDeps & { wallets: WalletSettings };

/** What a client sends to prove that it holds a wallet. */
export type WalletProof = { userAddress: string; frontSig: string; nonce: string; backSig: string; message?: string };

/** A wallet whose holder was at the other end; `address` in EIP-55, `chainId` where a contract was asked. */
export type ProvenWallet = { address: string; chainId: number | null };

/**
 * Proves a wallet. What costs nothing comes first: our signature on the nonce, the message to the letter. Then the
 * nonce is used up, outside any transaction, so that every nonce allows one try. Only then is the signature looked at.
 * `userId` is the account to link to, null for a log-in: a nonce of one purpose does not count for the other.
 *
 * @throws invalid-nonce, invalid-wallet-message, invalid-wallet-signature, contract-wallet-not-supported, unavailable
 */
export async function proveWallet(deps: WalletDeps, proof: WalletProof, userId: string | null): Promise<ProvenWallet> {
  const { wallets, clock } = deps;
  const facts = openNonce(deps, proof);
  const wanted = proof.userAddress.toLowerCase();
  if (!facts || facts.userId !== userId || (facts.address ?? wanted) !== wanted) throw invalidNonce();
  const curve = await loadCurve();
  const address = checksumAddress(curve, wanted);
  const texts = readTexts(deps, curve, proof, facts, address);
  const signature = Buffer.from(proof.frontSig.slice(2), "hex");
  const plain = signature.length === plainSignatureBytes;
  if (!plain && !wallets.chain) throw contractWalletRefused();
  if (!(await useNonce(deps.db, proof.nonce, clock.now(), expiryOf(facts)))) throw invalidNonce();
  if (plain) {
    if (texts.some((text) => recoverSigner(curve, text, signature) === address)) return { address, chainId: null };
    if (!(await mayBeContract(deps, address))) throw invalidWalletSignature();
  }
  return askChain(deps, { address, signature, text: texts[0], facts });
}

/** The text that was signed; two candidates where the bare nonce may stand for the ready message. */
function readTexts(
  { wallets, clock }: WalletDeps,
  curve: WalletCurve,
  { nonce, message }: WalletProof,
  facts: NonceFacts,
  address: string,
): [string, ...string[]] {
  const { publicUrl, chainIds } = wallets;
  const expected = { publicUrl, chainIds, now: clock.now(), nonce, facts, address: address.toLowerCase() };
  if (message === undefined) {
    const ready = composeMessage(publicUrl, nonce, facts, address);
    return wallets.bareNonce && facts.userId === null ? [ready, nonce] : [ready];
  }
  const faults = findFaults(curve, message, expected);
  if (faults.length > 0) throw invalidWalletMessage({ errors: { message: faults } });
  return [message];
}

/** Contracts sign with 65 bytes, too. Who came with a key before has no contract, whatever a node says. */
async function mayBeContract({ db, wallets }: WalletDeps, address: string): Promise<boolean> {
  if (!wallets.chain) return false;
  const owner = await findWalletOwner(db, address);
  return owner === undefined || owner.chainId !== null;
}

async function askChain(
  { wallets: { chain } }: WalletDeps,
  question: { address: string; signature: Buffer; text: string; facts: NonceFacts },
): Promise<ProvenWallet> {
  const { address, facts } = question;
  const chainId = readMessage(question.text)?.chainId ?? facts.chainId;
  const verdict = await chain?.check({ ...question, chainId });
  if (verdict === "valid") return { address, chainId };
  if (verdict === "invalid") throw invalidWalletSignature();
  if (verdict === "unavailable")
    throw unavailable({ detail: "The chain could not be asked about this contract wallet. Ask for a new nonce soon." });
  // With 65 bytes it may as well be a plain account's, and wrong.
  if (question.signature.length === plainSignatureBytes) throw invalidWalletSignature();
  throw contractWalletRefused({
    detail: `Contract wallets of chain ${chainId} cannot be checked here: another chain is configured.`,
  });
}
