import type { Db } from "../../../foundation/database/index.ts";
import { findIdentity } from "../identities.queries.ts";
import type { AccountPool, IdentityProvider } from "../identity-provider.ts";
import { accountMayAct } from "../require-access.ts";

/**
 * Lets a person's account in the outside pool log in, or refuses it, as our record says. The record is read again after
 * each call: of two runs in any order, the last one to finish has seen the present state.
 *
 * @throws too-many-requests, unavailable: the job is then tried again
 */
export async function alignAccount(
  deps: { db: Db; provider: IdentityProvider },
  pool: AccountPool,
  userId: string,
): Promise<void> {
  const identity = await findIdentity(deps.db, userId, deps.provider.name);
  if (!identity) return;
  for (let told: boolean | undefined; ; ) {
    const allowed = await accountMayAct(deps.db, userId);
    if (allowed === told) return;
    await pool.setAccess(identity.subject, allowed);
    told = allowed;
  }
}
