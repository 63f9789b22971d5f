import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { deleteIdentities } from "./identities.queries.ts";
import { deleteKnownSources } from "./known-sources.queries.ts";
import type { Tokens } from "./oidc/index.ts";
import { deleteSecrets } from "./one-time-secrets.queries.ts";

/** Forgets how a person logs in, in the transaction that erases them: log-ins, credentials, codes, known places. */
export async function forgetCredentials(
  deps: { tokens: Pick<Tokens, "endSessions"> },
  trx: Transaction<Database>,
  userId: string,
): Promise<void> {
  await deps.tokens.endSessions(trx, userId);
  await deleteSecrets(trx, userId);
  await deleteKnownSources(trx, userId);
  await deleteIdentities(trx, userId);
}
