import type { Transaction } from "kysely";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf, type Journal } from "../../journal/index.ts";
import { lockUser, userNotFound } from "../../users/index.ts";
import type { Tokens } from "../oidc/index.ts";
import { lastWayIn, walletNotFound } from "./errors.ts";
import { countOtherWaysIn, deleteWallet, listWalletRows, setPrimaryWallet, type WalletRow } from "./wallets.queries.ts";

type WalletOrder = { userId: string; address: string; caller: UserCaller; requestId: string };
type OrderDeps = { db: Db; clock: Clock; journal: Journal; tokens: Pick<Tokens, "endOtherSessions"> };

/**
 * Unlinks a wallet; the last way in stays, counted under the user's lock. Where it was the primary one, the oldest of
 * the others becomes primary. All log-ins but the caller's own end: the wallet may have been stolen.
 *
 * @throws wallet-not-found, last-way-in, user-not-found
 */
export async function unlinkWallet(deps: OrderDeps, order: WalletOrder): Promise<WalletRow[]> {
  return changeWallets(deps, order, async (trx, userId, { wallet, others }) => {
    if (others.length === 0 && (await countOtherWaysIn(trx, userId)) === 0) throw lastWayIn();
    await deleteWallet(trx, wallet);
    const [next] = others;
    if (wallet.primary && next) await setPrimaryWallet(trx, userId, next.identityId, deps.clock.now());
    await deps.tokens.endOtherSessions(trx, userId, order.caller.grantId);
    await record(deps, trx, order, "user.wallet-unlinked", { before: wallet.address, after: null });
  });
}

/** Makes a wallet the one that others are shown. @throws wallet-not-found, user-not-found */
export async function choosePrimaryWallet(deps: OrderDeps, order: WalletOrder): Promise<WalletRow[]> {
  return changeWallets(deps, order, async (trx, userId, { wallet, others }) => {
    if (wallet.primary) return;
    await setPrimaryWallet(trx, userId, wallet.identityId, deps.clock.now());
    const before = others.find(({ primary }) => primary)?.address ?? null;
    await record(deps, trx, order, "user.primary-wallet-chosen", { before, after: wallet.address });
  });
}

/** Does something to one wallet of a locked user, and gives the wallets as they are afterwards. */
async function changeWallets(
  { db }: { db: Db },
  order: WalletOrder,
  change: (
    trx: Transaction<Database>,
    userId: string,
    found: { wallet: WalletRow; others: WalletRow[] },
  ) => Promise<void>,
): Promise<WalletRow[]> {
  return db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, order.userId);
    if (user.erased_at) throw userNotFound();
    const wallets = await listWalletRows(trx, user.user_id);
    const wallet = wallets.find(({ address }) => address.toLowerCase() === order.address.toLowerCase());
    if (!wallet) throw walletNotFound();
    await change(trx, user.user_id, { wallet, others: wallets.filter((other) => other !== wallet) });
    return listWalletRows(trx, user.user_id);
  });
}

async function record(
  { journal }: OrderDeps,
  trx: Transaction<Database>,
  { caller, requestId }: WalletOrder,
  action: string,
  walletAddress: { before: string | null; after: string | null },
): Promise<void> {
  const subject = { kind: "user", id: caller.userId } as const;
  await journal.record(trx, {
    actor: actorOf(caller),
    action,
    subject,
    personal: { changes: { walletAddress } },
    requestId,
  });
}
