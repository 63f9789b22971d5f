import type { Static } from "typebox";
import type { UserCaller } from "../access/index.ts";
import { toPcxStatus } from "../lifecycle/index.ts";
import { getUser } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { meSchema } from "./schemas.ts";
import { findPrimaryWallets } from "./wallets/wallets.queries.ts";

/** The signed-in person in the words of the wallet API, with the primary wallet. @throws user-not-found */
export async function readMe(deps: Pick<IdentityDeps, "db">, caller: UserCaller): Promise<Static<typeof meSchema>> {
  const [user, wallets] = await Promise.all([
    getUser(deps, caller.userId),
    findPrimaryWallets(deps.db, [caller.userId]),
  ]);
  return {
    id: user.id,
    userId: user.user_id,
    firstname: user.fname,
    lastname: user.lname,
    email: user.email,
    accountType: user.account_type,
    walletAddress: wallets.get(user.user_id) ?? null,
    profileComplete: Boolean(user.fname && user.lname && user.email),
    status: toPcxStatus(user.status),
  };
}
