import { invalidRequest } from "../../../foundation/errors/common.ts";
import { checksumAddress } from "./checksum-address.ts";
import { composeMessage } from "./compose-message.ts";
import { expiryOf, type NonceFacts, type SignedNonce, signNonce } from "./nonce.ts";
import type { WalletDeps } from "./prove-wallet.ts";
import { loadCurve } from "./wallet-curve.ts";

/** A nonce to sign; `message` is the ready text, null where the address was not given. */
export type OfferedNonce = SignedNonce & { message: string | null; expiresAt: string };

/**
 * Offers a nonce for a log-in, or for linking a wallet to the account `userId`. Nothing is written, so that asking costs
 * nothing; whether there is such an account is not looked at.
 *
 * @throws invalid-request where the chain is not one of those that are accepted
 */
export async function offerNonce(
  deps: Pick<WalletDeps, "clock" | "ids" | "hash" | "wallets">,
  wanted: { address?: string; chainId?: number; userId?: string },
): Promise<OfferedNonce> {
  const { publicUrl, chainIds } = deps.wallets;
  const chainId = wanted.chainId ?? chainIds[0];
  if (!chainIds.includes(chainId))
    throw invalidRequest({ errors: { chainId: [`must be one of: ${chainIds.join(", ")}`] } });
  const facts: NonceFacts = {
    issuedAt: deps.clock.now(),
    chainId,
    address: wanted.address?.toLowerCase() ?? null,
    userId: wanted.userId?.toLowerCase() ?? null,
  };
  const { nonce, backSig } = signNonce(deps, facts);
  const message =
    facts.address === null
      ? null
      : composeMessage(publicUrl, nonce, facts, checksumAddress(await loadCurve(), facts.address));
  return { nonce, backSig, message, expiresAt: expiryOf(facts).toISOString() };
}
