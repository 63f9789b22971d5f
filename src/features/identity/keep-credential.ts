import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { insertIdentity } from "./identities.queries.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { ProviderAccount } from "./identity-provider.ts";

/** Keeps what a provider made of a new account, in the transaction that registers the user. */
export async function keepCredential(
  deps: Pick<IdentityDeps, "clock" | "ids" | "provider">,
  trx: Transaction<Database>,
  { userId, account }: { userId: string; account: ProviderAccount },
): Promise<void> {
  const now = deps.clock.now();
  await insertIdentity(trx, {
    identity_id: deps.ids.uuid(),
    user_id: userId,
    provider: deps.provider.name,
    issuer: deps.provider.issuer,
    subject: account.subject,
    password_hash: account.passwordHash,
    created_at: now,
    updated_at: now,
  });
}
