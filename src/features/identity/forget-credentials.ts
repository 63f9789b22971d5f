import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { deleteIdentities } from "./identities.queries.ts";
import { deleteKnownSources } from "./known-sources.queries.ts";
import type { Tokens } from "./oidc/index.ts";
import { deleteSecrets } from "./one-time-secrets.queries.ts";
import type { PoolAccounts } from "./pool-accounts/index.ts";
import { forgetSecondFactors } from "./second-factor/index.ts";
import { deleteForeignLoginsOfUser } from "./trusted-issuers/index.ts";

/** Forgets how a person logs in, in the transaction that erases them: log-ins, credentials, codes, known places. */
export async function forgetCredentials(
  deps: { tokens: Pick<Tokens, "endSessions">; poolAccounts: Pick<PoolAccounts, "deleteLater"> },
  trx: Transaction<Database>,
  userId: string,
): Promise<void> {
  await deps.tokens.endSessions(trx, userId);
  await deps.poolAccounts.deleteLater(trx, userId);
  await deleteForeignLoginsOfUser(trx, userId);
  await deleteSecrets(trx, userId);
  await forgetSecondFactors(trx, userId);
  await deleteKnownSources(trx, userId);
  await deleteIdentities(trx, userId);
}
