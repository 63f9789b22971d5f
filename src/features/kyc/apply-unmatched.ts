import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { applyKept } from "./apply-kept.ts";
import { listUnmatched } from "./deliveries.queries.ts";
import type { KycDeps } from "./deps.ts";
import type { KycProvider } from "./port.ts";
import { insertSessionName, lockProviderSession } from "./sessions.queries.ts";

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
    const kept = await applyKept(deps, trx, delivery, { ...input, user });
    user = kept.user;
    const name = kept.alsoKnownAs;
    if (name !== undefined) user = await learnName(deps, trx, { ...input, name, user });
  }
  return user;
}

/**
 * Notes a further id by which a provider's deliveries name a session, and applies those that came under it before. A
 * KYC link is known by its own id until the person has begun. The caller holds the user's lock.
 */
export async function learnName(
  deps: KycDeps,
  trx: Transaction<Database>,
  input: { provider: KycProvider; sessionId: string; name: string; user: UserRow; requestId: string },
): Promise<UserRow> {
  const { provider, sessionId, name, user, requestId } = input;
  await lockProviderSession(trx, provider.name, name);
  if (!(await insertSessionName(trx, { provider: provider.name, name, session_id: sessionId }))) return user;
  return applyUnmatched(deps, trx, { provider, sessionId, providerSessionId: name, user, requestId });
}
