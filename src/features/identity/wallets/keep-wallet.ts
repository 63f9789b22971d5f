import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { insertIdentity } from "../identities.queries.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { ProvenWallet } from "./prove-wallet.ts";
import { walletIssuer } from "./wallets.queries.ts";

/** Keeps a proven wallet as a credential of a user; the unique index lets each wallet have one owner (`isWalletTaken`). */
export async function keepWallet(
  deps: Pick<IdentityDeps, "clock" | "ids">,
  trx: Transaction<Database>,
  { userId, wallet, primary }: { userId: string; wallet: ProvenWallet; primary: boolean },
): Promise<void> {
  const now = deps.clock.now();
  await insertIdentity(trx, {
    identity_id: deps.ids.uuid(),
    user_id: userId,
    provider: "wallet",
    issuer: walletIssuer,
    subject: wallet.address.toLowerCase(),
    wallet_address: wallet.address,
    wallet_chain_id: wallet.chainId,
    wallet_primary: primary,
    created_at: now,
    updated_at: now,
  });
}
