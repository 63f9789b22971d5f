import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import { insertUser, lockUser, type UserRow } from "../../users/index.ts";
import type { RequestFacts } from "../identity-deps.ts";
import type { TokenPair } from "../oidc/index.ts";
import { type LogInOutcome, openSession, tokensOf } from "../open-session.ts";
import type { Charge } from "../throttle.ts";
import { invalidNonce, invalidWalletSignature } from "./errors.ts";
import { keepWallet } from "./keep-wallet.ts";
import { type ProvenWallet, proveWallet, type WalletDeps, type WalletProof } from "./prove-wallet.ts";
import { findWalletOwner, isWalletTaken } from "./wallets.queries.ts";

/**
 * Logs in whoever proves to hold a wallet. An unknown wallet registers a user, who is `pending` and without e-mail
 * address until the profile is completed.
 *
 * @throws invalid-nonce, invalid-wallet-message, invalid-wallet-signature, contract-wallet-not-supported,
 *   second-factor-required, account-inactive, account-blocked, account-closed, too-many-requests, unavailable
 */
export async function logInWithWallet(
  deps: WalletDeps,
  input: RequestFacts & { proof: WalletProof },
): Promise<TokenPair> {
  const wallet = await proveCharged(deps, input, () => proveWallet(deps, input.proof, null));
  const enter = () => deps.db.transaction().execute((trx) => enterWith(deps, trx, wallet, input.requestId));
  // Two first log-ins at once: the unique index let the other one make the user, and this one finds it.
  return tokensOf(await enter().catch((error: unknown) => (isWalletTaken(error) ? enter() : Promise.reject(error))));
}

/** Counts the try against the network address, and takes it back where nothing was found wrong. */
export async function proveCharged(
  { throttles }: Pick<WalletDeps, "throttles">,
  { source }: RequestFacts,
  prove: () => Promise<ProvenWallet>,
): Promise<ProvenWallet> {
  const charges: Charge[] = [["code tries by source", source]];
  await throttles.charge(charges);
  const wallet = await prove().catch(async (error: unknown) => {
    if (!(error instanceof DeclaredError) || error.declaration.status >= 500) await throttles.refund(charges);
    throw error;
  });
  await throttles.refund(charges);
  return wallet;
}

async function enterWith(
  deps: WalletDeps,
  trx: Transaction<Database>,
  wallet: ProvenWallet,
  requestId: string,
): Promise<LogInOutcome> {
  const owner = await findWalletOwner(trx, wallet.address);
  if (!owner) {
    const user = await registerWallet(deps, trx, wallet, requestId);
    return openSession(deps, trx, { user, method: "wallet", requestId });
  }
  // A node is believed about contracts only, and about each on its own chain: who came with a key, comes with a key.
  if (wallet.chainId !== null && wallet.chainId !== owner.chainId) throw invalidWalletSignature();
  const user = await lockUser(trx, owner.userId);
  // Unlinked between the two looks: it is nobody's wallet now.
  if ((await findWalletOwner(trx, wallet.address))?.userId !== user.user_id) throw invalidNonce();
  return openSession(deps, trx, { user, method: "wallet", requestId });
}

async function registerWallet(
  deps: WalletDeps,
  trx: Transaction<Database>,
  wallet: ProvenWallet,
  requestId: string,
): Promise<UserRow> {
  const userId = deps.ids.uuid();
  const beginning = { status: "pending", role: "retail", type: "user" } as const;
  await deps.personKeys.createKey(trx, userId);
  const user = await insertUser(trx, { ...beginning, user_id: userId, created_at: deps.clock.now() });
  await keepWallet(deps, trx, { userId, wallet, primary: true });
  const made = (after: unknown) => ({ before: null, after });
  await deps.journal.record(trx, {
    actor: { kind: "user", id: userId },
    action: "user.registered",
    subject: { kind: "user", id: userId },
    changes: { status: made("pending"), role: made("retail"), type: made("user"), method: made("wallet") },
    personal: { changes: { walletAddress: made(wallet.address) } },
    requestId,
  });
  return user;
}
