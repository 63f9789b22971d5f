import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import { emailNotConfirmed } from "./errors.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { TokenPair } from "./oidc/index.ts";
import { requireAccess } from "./require-access.ts";

/**
 * Begins a log-in, in the transaction that holds the user's lock: nobody can be blocked or get a new password between
 * the check and the tokens.
 *
 * @throws account-inactive, account-blocked, account-closed, email-not-confirmed
 */
export async function openSession(
  deps: Pick<IdentityDeps, "journal" | "tokens">,
  trx: Transaction<Database>,
  { user, method, requestId }: { user: UserRow; method: "password" | "link"; requestId: string },
): Promise<TokenPair> {
  requireAccess(user);
  if (user.status === "pending") throw emailNotConfirmed();
  await deps.journal.record(trx, {
    actor: { kind: "user", id: user.user_id },
    action: "user.logged-in",
    subject: { kind: "user", id: user.user_id },
    changes: { method: { before: null, after: method } },
    requestId,
  });
  return deps.tokens.issue(trx, { userId: user.user_id });
}
