import { findUser, findUserByEmail, lockUser } from "../users/index.ts";
import { markConfirmed } from "./confirm-email.ts";
import { consumeSecret } from "./consume-secret.ts";
import { invalidConfirmationCode } from "./errors.ts";
import { findIdentity, updatePasswordHash } from "./identities.queries.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import { hashSource } from "./known-source.ts";
import { rememberSource } from "./known-sources.queries.ts";
import { nobody } from "./one-time-secret.ts";
import { deleteSecrets } from "./one-time-secrets.queries.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";
import type { Charge } from "./throttle.ts";

type ResetInput = RequestFacts & { email: string; code: string; newPassword: string };

/**
 * Sets a new password with the code that was sent for it, and ends every log-in of the person. The code proves the
 * mailbox, so an address that was not confirmed yet becomes confirmed. Refusals look alike; the new password is hashed
 * before the code is looked at, so that they take the same time. `email` is normalised, `code` trimmed.
 *
 * @throws invalid-request naming new_password, invalid-confirmation-code, too-many-requests, unavailable
 */
export async function resetPassword(deps: IdentityDeps, input: ResetInput): Promise<void> {
  await requireGoodPassword(input.newPassword, input.email, "new_password");
  const charges: Charge[] = [["code tries by source", input.source]];
  await deps.throttles.charge(charges);
  const done = await takeAtLeast(discreetMilliseconds, () => tryReset(deps, input));
  // After the commit: the wrong try stays counted.
  if (!done) throw invalidConfirmationCode();
  await deps.throttles.refund(charges);
  await deps.throttles.forget([["log-in by account and source", input.email, input.source]]);
}

async function tryReset(deps: IdentityDeps, input: ResetInput): Promise<boolean> {
  const found = await findUserByEmail(deps.db, input.email);
  const identity = await findIdentity(deps.db, found?.user_id ?? nobody, deps.provider.name);
  const { passwordHash } = await deps.provider.replacePassword(identity, input.newPassword);
  return deps.db.transaction().execute(async (trx) => {
    const user = found ? await lockUser(trx, found.user_id) : await findUser(trx, nobody);
    const subject = user?.user_id ?? nobody;
    const outcome = await consumeSecret(deps, trx, { purpose: "reset-password", subject, secret: input.code });
    if (outcome === "refused" || !user || user.email !== input.email || user.status === "closed" || !identity)
      return false;
    const now = deps.clock.now();
    await updatePasswordHash(trx, identity.identity_id, passwordHash, now);
    await deps.tokens.endSessions(trx, user.user_id);
    await deleteSecrets(trx, user.user_id);
    await deps.journal.record(trx, {
      actor: { kind: "user", id: user.user_id },
      action: "user.password-reset",
      subject: { kind: "user", id: user.user_id },
      requestId: input.requestId,
    });
    if (user.status === "pending") await markConfirmed(deps, trx, user, input.requestId);
    await rememberSource(trx, hashSource(deps.hash, input.email, input.source), user.user_id, now);
    await deps.messages.send(trx, { userId: user.user_id, template: "password-changed", to: input.email, values: {} });
    return true;
  });
}
