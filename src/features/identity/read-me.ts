import type { Static } from "typebox";
import type { UserCaller } from "../access/index.ts";
import { toPcxStatus } from "../lifecycle/index.ts";
import { getUser } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { meSchema } from "./schemas.ts";

/** The signed-in person in the words of the wallet API; no wallet yet, so its address is null. @throws user-not-found */
export async function readMe(deps: Pick<IdentityDeps, "db">, caller: UserCaller): Promise<Static<typeof meSchema>> {
  const user = await getUser(deps, caller.userId);
  return {
    id: user.id,
    userId: user.user_id,
    firstname: user.fname,
    lastname: user.lname,
    email: user.email,
    accountType: user.account_type,
    walletAddress: null,
    profileComplete: Boolean(user.fname && user.lname && user.email),
    status: toPcxStatus(user.status),
  };
}
