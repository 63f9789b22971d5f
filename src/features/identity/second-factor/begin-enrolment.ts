import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { lockUser, type UserRow, userNotFound } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { issueSecret } from "../issue-secret.ts";
import { secondFactorNeeded, tooManyPasskeys } from "./errors.ts";
import { offerCreation } from "./passkeys.ts";
import { deleteBegunFactor, insertSecondFactor, listActiveFactors } from "./second-factors.queries.ts";
import { describeTotp, makeTotpSecret, totpField } from "./totp.ts";

const mostPasskeys = 10;

/** What is needed to set an app up, or to make a passkey. The secret is shown this once. */
export type Enrolment = {
  /** Comes back with the proof, within ten minutes. */
  challenge: string;
  expiresIn: number;
} & (
  | { method: "totp"; secret: string; otpauth_uri: string }
  | { method: "passkey"; passkey: PublicKeyCredentialCreationOptionsJSON }
);

/**
 * Begins to enrol a second factor; nothing counts before `finishEnrolment`. Who has one already needs a log-in with it:
 * a stolen first proof must not be able to add another.
 *
 * @throws second-factor-needed, too-many-passkeys, user-not-found
 */
export async function beginEnrolment(
  deps: IdentityDeps,
  { caller, method }: { caller: UserCaller; method: "totp" | "passkey" },
): Promise<Enrolment> {
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    requireEarlierFactor(user, caller);
    return method === "totp" ? beginTotp(deps, trx, user) : beginPasskey(deps, trx, user);
  });
}

/** @throws user-not-found for erased users, second-factor-needed */
export function requireEarlierFactor(user: UserRow, caller: UserCaller): void {
  if (user.erased_at) throw userNotFound();
  if (user.sca_verified_at && !caller.secondFactor) throw secondFactorNeeded();
}

async function beginTotp(deps: IdentityDeps, trx: Transaction<Database>, user: UserRow): Promise<Enrolment> {
  const factorId = deps.ids.uuid();
  const secret = makeTotpSecret();
  await deleteBegunFactor(trx, user.user_id);
  await insertSecondFactor(trx, {
    factor_id: factorId,
    user_id: user.user_id,
    method: "totp",
    secret_sealed: await deps.personKeys.sealFor(trx, user.user_id, totpField(factorId), secret),
    created_at: deps.clock.now(),
  });
  const issued = await issueSecret(deps, trx, { purpose: "enrol-totp", subject: user.user_id });
  return {
    method: "totp",
    challenge: issued.secret,
    expiresIn: issued.lifetimeSeconds,
    secret,
    otpauth_uri: describeTotp({ secret, label: labelOf(user), issuer: deps.passkeySite.name }),
  };
}

async function beginPasskey(deps: IdentityDeps, trx: Transaction<Database>, user: UserRow): Promise<Enrolment> {
  const existing = (await listActiveFactors(trx, user.user_id)).filter(({ method }) => method === "passkey");
  if (existing.length >= mostPasskeys) throw tooManyPasskeys();
  const issued = await issueSecret(deps, trx, { purpose: "enrol-passkey", subject: user.user_id });
  return {
    method: "passkey",
    challenge: issued.secret,
    expiresIn: issued.lifetimeSeconds,
    passkey: await offerCreation(deps.passkeySite, {
      userId: user.user_id,
      label: labelOf(user),
      challenge: issued.secret,
      existing,
    }),
  };
}

/** How the account is called in the person's app or key; wallet users may have no address yet. */
function labelOf(user: UserRow): string {
  return user.email ?? String(user.id);
}
