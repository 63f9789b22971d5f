import { addSeconds } from "../../../foundation/clock/index.ts";
import { findIdentityBySubject } from "../identities.queries.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { AccountPool, PoolAccount } from "../identity-provider.ts";

/** What the pool's clock and ours may differ. */
const skewSeconds = 30;

/**
 * The account that a sign-up of ours has made, if it has made one. An account that is older, or belongs to a user here,
 * is somebody else's: taking it over would let whoever chose its password in.
 */
export async function madeBySignUp(
  deps: Pick<IdentityDeps, "db" | "provider">,
  pool: AccountPool,
  { email, startedAt }: { email: string; startedAt: Date },
): Promise<PoolAccount | undefined> {
  const account = await pool.findAccount(email);
  if (!account || account.createdAt < addSeconds(startedAt, -skewSeconds)) return undefined;
  const linked = await findIdentityBySubject(deps.db, deps.provider.issuer, account.subject);
  return linked ? undefined : account;
}
