import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { lockUser, userNotFound } from "../../users/index.ts";
import type { RequestFacts } from "../identity-deps.ts";
import { tooManyWallets, walletTaken } from "./errors.ts";
import { keepWallet } from "./keep-wallet.ts";
import { proveCharged } from "./log-in-with-wallet.ts";
import { type ProvenWallet, proveWallet, type WalletDeps, type WalletProof } from "./prove-wallet.ts";
import { isWalletTaken, listWalletRows, type WalletRow } from "./wallets.queries.ts";

const mostWallets = 20;

type LinkInput = RequestFacts & { userId: string; caller: UserCaller; proof: WalletProof };

/**
 * Links a further wallet to an account. The signed message names the deed in its statement and the account as Request ID,
 * so that a log-in elsewhere cannot be turned into a link. The owner is told by mail.
 *
 * @throws as `proveWallet`; wallet-already-linked, too-many-wallets, user-not-found, too-many-requests
 */
export async function linkWallet(deps: WalletDeps, input: LinkInput): Promise<WalletRow[]> {
  const userId = input.userId.toLowerCase();
  const wallet = await proveCharged(deps, input, () => proveWallet(deps, input.proof, userId));
  const linking = deps.db.transaction().execute((trx) => linkProven(deps, trx, wallet, input));
  return linking.catch((error: unknown) => {
    throw isWalletTaken(error) ? walletTaken({ cause: error }) : error;
  });
}

async function linkProven(
  deps: WalletDeps,
  trx: Transaction<Database>,
  wallet: ProvenWallet,
  { userId, caller, requestId }: LinkInput,
): Promise<WalletRow[]> {
  const user = await lockUser(trx, userId);
  if (user.erased_at) throw userNotFound();
  const before = await listWalletRows(trx, user.user_id);
  if (before.length >= mostWallets) throw tooManyWallets();
  await keepWallet(deps, trx, { userId: user.user_id, wallet, primary: before.length === 0 });
  await deps.journal.record(trx, {
    actor: actorOf(caller),
    action: "user.wallet-linked",
    subject: { kind: "user", id: user.user_id },
    personal: { changes: { walletAddress: { before: null, after: wallet.address } } },
    requestId,
  });
  if (user.email && user.email_verified_at)
    await deps.messages.send(trx, { userId: user.user_id, template: "wallet-linked", to: user.email, values: {} });
  return listWalletRows(trx, user.user_id);
}
