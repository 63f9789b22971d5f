import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import { emailTaken, insertUser } from "../../users/index.ts";
import { findIdentityBySubject } from "../identities.queries.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { ProviderAccount } from "../identity-provider.ts";
import { keepCredential } from "../keep-credential.ts";
import { isLeavingAccount } from "./leaving-accounts.queries.ts";
import { findSignUpByEmail } from "./sign-ups.queries.ts";

type ImportInput = { account: ProviderAccount; email: string; requestId: string };

/**
 * Makes a user of somebody who has an account in the outside pool and none here, such as from before Usher: pending,
 * with the lowest rights, whatever groups or claims the pool has for them. Only their address is taken over; the rest of
 * the profile is theirs to fill in. Called with a right password and a mailbox that is proven to the pool.
 *
 * False where the account is another user's or an erased one's, or its registration here was interrupted and is about to be repaired.
 */
export async function importAccount(deps: IdentityDeps, input: ImportInput): Promise<boolean> {
  const { account, email } = input;
  if (await findSignUpByEmail(deps.db, deps.hash("pool sign-up", email))) return false;
  if (await isLeavingAccount(deps.db, account.subject)) return false;
  if (await findIdentityBySubject(deps.db, deps.provider.issuer, account.subject)) return false;
  try {
    await deps.db.transaction().execute((trx) => keepImported(deps, trx, input));
  } catch (error) {
    // Two first log-ins at once: the other one has made the user.
    if (!(error instanceof DeclaredError) || error.declaration !== emailTaken.declaration) throw error;
  }
  return true;
}

async function keepImported(deps: IdentityDeps, trx: Transaction<Database>, input: ImportInput): Promise<void> {
  const { account, email, requestId } = input;
  const userId = deps.ids.uuid();
  const beginning = { status: "pending", role: "retail", type: "user" } as const;
  await deps.personKeys.createKey(trx, userId);
  const names = { email, cognito_username: account.username };
  await insertUser(trx, { ...beginning, ...names, user_id: userId, created_at: deps.clock.now() });
  await keepCredential(deps, trx, { userId, account });
  const made = (after: unknown) => ({ before: null, after });
  await deps.journal.record(trx, {
    actor: { kind: "user", id: userId },
    action: "user.registered",
    subject: { kind: "user", id: userId },
    changes: { status: made("pending"), role: made("retail"), type: made("user"), method: made(deps.provider.name) },
    personal: { changes: { email: made(email) } },
    requestId,
  });
}
