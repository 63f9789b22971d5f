import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { findUser, findUserByEmail, lockUser, type UserRow } from "../users/index.ts";
import { markConfirmed } from "./confirm-email.ts";
import { consumeSecret } from "./consume-secret.ts";
import { invalidConfirmationCode } from "./errors.ts";
import { findIdentity, updatePasswordHash } from "./identities.queries.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import type { AccountPool } from "./identity-provider.ts";
import { hashSource } from "./known-source.ts";
import { rememberSource } from "./known-sources.queries.ts";
import { nobody } from "./one-time-secret.ts";
import { deleteSecrets } from "./one-time-secrets.queries.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { signOutOfPool } from "./pool-accounts/index.ts";
import type { PasswordHashing } from "./providers/embedded/hash-password.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";
import type { Charge } from "./throttle.ts";

type ResetInput = RequestFacts & { email: string; code: string; newPassword: string };

/**
 * Sets a new password with the code that was sent for it, and ends every log-in of the person. The code proves the
 * mailbox, so an address that was not confirmed yet becomes confirmed. Refusals look alike; the new password is hashed
 * (or the outside pool asked) before anything of the account is looked at, so that they take the same time. `email` is
 * normalised, `code` trimmed.
 *
 * @throws invalid-request naming new_password, invalid-confirmation-code, too-many-requests, unavailable
 */
export async function resetPassword(deps: IdentityDeps, input: ResetInput): Promise<void> {
  await requireGoodPassword(input.newPassword, input.email, "new_password");
  const charges: Charge[] = [["code tries by source", input.source]];
  await deps.throttles.charge(charges);
  const { provider } = deps;
  const done = await takeAtLeast(discreetMilliseconds, () =>
    provider.pool ? resetInPool(deps, provider.pool, input) : resetHere(deps, provider.passwords, input),
  );
  // After the commit: the wrong try stays counted.
  if (!done) throw invalidConfirmationCode();
  await deps.throttles.refund(charges);
  await deps.throttles.forget([["log-in by account and source", input.email, input.source]]);
}

async function resetHere(deps: IdentityDeps, passwords: PasswordHashing, input: ResetInput): Promise<boolean> {
  const found = await findUserByEmail(deps.db, input.email);
  const identity = await findIdentity(deps.db, found?.user_id ?? nobody, deps.provider.name);
  const passwordHash = await passwords.hash(input.newPassword);
  return deps.db.transaction().execute(async (trx) => {
    const user = found ? await lockUser(trx, found.user_id) : await findUser(trx, nobody);
    const subject = user?.user_id ?? nobody;
    const outcome = await consumeSecret(deps, trx, { purpose: "reset-password", subject, secret: input.code });
    if (outcome === "refused" || !user || user.email !== input.email || user.status === "closed" || !identity)
      return false;
    await updatePasswordHash(trx, identity.identity_id, passwordHash, deps.clock.now());
    await followReset(deps, trx, user, input);
    return true;
  });
}

/** The pool has checked the code and keeps the password; our log-ins and the record follow. */
async function resetInPool(deps: IdentityDeps, pool: AccountPool, input: ResetInput): Promise<boolean> {
  if (!(await pool.resetPassword(input))) return false;
  const found = await findUserByEmail(deps.db, input.email);
  const identity = await findIdentity(deps.db, found?.user_id ?? nobody, deps.provider.name);
  // The pool may hold accounts that nobody linked here.
  if (!found || !identity) return true;
  const signedOut = await signOutOfPool(deps, pool, identity.subject);
  await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, found.user_id);
    if (!signedOut) await deps.poolAccounts.signOutLater(trx, identity.subject);
    await followReset(deps, trx, user, input);
  });
  return true;
}

async function followReset(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  input: ResetInput,
): Promise<void> {
  await deps.tokens.endSessions(trx, user.user_id);
  await deleteSecrets(trx, user.user_id);
  await deps.journal.record(trx, {
    actor: { kind: "user", id: user.user_id },
    action: "user.password-reset",
    subject: { kind: "user", id: user.user_id },
    requestId: input.requestId,
  });
  if (user.status === "pending") await markConfirmed(deps, trx, user, input.requestId);
  const sourceHash = hashSource(deps.hash, input.email, input.source);
  await rememberSource(trx, sourceHash, user.user_id, deps.clock.now());
  await deps.messages.send(trx, { userId: user.user_id, template: "password-changed", to: input.email, values: {} });
}
