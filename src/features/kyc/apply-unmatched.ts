import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { applyKept } from "./apply-kept.ts";
import { listUnmatched } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import type { KycProvider } from "./port.ts";

/**
 * Applies the deliveries that came before their session was stored. The caller holds the user's lock and the lock of the
 * provider's session, and has stored the session.
 */
export async function applyUnmatched(
  deps: KycDeps,
  trx: Transaction<Database>,
  input: { provider: KycProvider; sessionId: string; providerSessionId: string; user: UserRow; requestId: string },
): Promise<UserRow> {
  let { user } = input;
  for (const delivery of await listUnmatched(trx, input.provider.name, input.providerSessionId)) {
    user = (await applyKept(deps, trx, delivery, { ...input, user })).user;
  }
  return user;
}
