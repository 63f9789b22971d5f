import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { findUser, findUserByEmail, lockUser, moveUser, type UserRow } from "../users/index.ts";
import { codesArePools } from "./codes-are-pools.ts";
import { consumeSecret } from "./consume-secret.ts";
import { invalidConfirmationCode } from "./errors.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import { hashSource } from "./known-source.ts";
import { rememberSource } from "./known-sources.queries.ts";
import { nobody } from "./one-time-secret.ts";
import { refundUnlessAsked } from "./refund-unless-asked.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";
import type { Charge } from "./throttle.ts";

type ConfirmInput = RequestFacts & { email: string; code: string };

/**
 * Confirms an e-mail address with the code that was sent to it. Unknown address, wrong, expired or used code and too
 * many tries are one refusal, reached by the same statements. `email` is normalised, `code` trimmed.
 *
 * @throws invalid-confirmation-code, too-many-requests, unavailable
 */
export async function confirmEmail(deps: IdentityDeps, input: ConfirmInput): Promise<void> {
  const charges: Charge[] = [["code tries by source", input.source]];
  await deps.throttles.charge(charges);
  // Asked for unknown addresses, too, and in the same time; our record's time is hidden below.
  const provenToPool = await refundUnlessAsked(deps, charges, deps.provider.pool?.confirmEmail(input));
  const confirmed = await takeAtLeast(discreetMilliseconds, () => tryCode(deps, input, provenToPool));
  // After the commit: the wrong try stays counted.
  if (!confirmed) throw invalidConfirmationCode();
  await deps.throttles.refund(charges);
}

async function tryCode(deps: IdentityDeps, input: ConfirmInput, provenToPool: boolean | undefined): Promise<boolean> {
  const found = await findUserByEmail(deps.db, input.email);
  return deps.db.transaction().execute(async (trx) => {
    const user = found ? await lockUser(trx, found.user_id) : await findUser(trx, nobody);
    const subject = user?.user_id ?? nobody;
    const right = (await codesArePools(deps, trx, subject))
      ? provenToPool === true
      : (await consumeSecret(deps, trx, { purpose: "confirm-email", subject, secret: input.code })) === "consumed";
    if (!right || user?.status !== "pending") return false;
    await markConfirmed(deps, trx, user, input.requestId);
    await rememberSource(trx, hashSource(deps.hash, input.email, input.source), user.user_id, deps.clock.now());
    return true;
  });
}

/** The one path on which an address becomes confirmed; the caller holds the user's lock. */
export async function markConfirmed(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  requestId: string,
): Promise<UserRow> {
  const { endSessions } = deps.tokens;
  return moveUser({ ...deps, endSessions, restoreAccess: deps.poolAccounts.align }, trx, {
    user,
    event: "email-confirmed",
    actor: { kind: "user", id: user.user_id },
    also: { email_verified_at: deps.clock.now() },
    requestId,
  });
}
