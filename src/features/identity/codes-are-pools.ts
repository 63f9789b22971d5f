import type { Db } from "../../foundation/database/index.ts";
import { findIdentity } from "./identities.queries.ts";
import type { IdentityDeps } from "./identity-deps.ts";

/**
 * Whether an outside pool mails and checks this user's codes: it does so for its own accounts. Everybody else, such as
 * people who came with a wallet, gets ours, whatever the provider.
 */
export async function codesArePools(deps: Pick<IdentityDeps, "provider">, db: Db, userId: string): Promise<boolean> {
  if (!deps.provider.pool) return false;
  return (await findIdentity(db, userId, deps.provider.name)) !== undefined;
}
