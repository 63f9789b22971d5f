import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { lockUser, setFlag, type UserRow } from "../../users/index.ts";
import { consumeSecret, giveBackSecret } from "../consume-secret.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { Charge } from "../throttle.ts";
import { isForeignLogin } from "../trusted-issuers/index.ts";
import { requireEarlierFactor } from "./begin-enrolment.ts";
import { invalidSecondFactor } from "./errors.ts";
import { noteProof } from "./note-proof.ts";
import { readCreation } from "./passkeys.ts";
import { issueRecoveryCodes } from "./renew-recovery-codes.ts";
import { activateTotp, findBegunFactor, insertSecondFactor } from "./second-factors.queries.ts";
import { findStep, totpField } from "./totp.ts";

/** The first proof of a new factor: a code of the app, or what the browser made. */
export type EnrolmentProof = { challenge: string; code?: string; passkey?: RegistrationResponseJSON };

/** What came of it. Recovery codes are told with a person's first factor, this once. */
export type Enrolled = { factor_id: string; method: "totp" | "passkey"; recovery_codes?: string[] };

/**
 * Makes a factor count, once it is proven. With the first one the flag is set, recovery codes are made, and every other
 * log-in ends: from now on each was made with both proofs. A new app takes the place of the one before.
 *
 * @throws invalid-second-factor, second-factor-needed, too-many-requests, user-not-found
 */
export async function finishEnrolment(
  deps: IdentityDeps,
  { caller, proof, requestId }: { caller: UserCaller; proof: EnrolmentProof; requestId: string },
): Promise<Enrolled> {
  const byAccount: Charge = ["second factor by account", caller.userId];
  await deps.throttles.charge([byAccount]);
  const enrolled = await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    requireEarlierFactor(user, caller);
    const purpose = proof.passkey ? "enrol-passkey" : "enrol-totp";
    const binding = { purpose, subject: user.user_id } as const;
    if ((await consumeSecret(deps, trx, { ...binding, secret: proof.challenge })) === "refused") return undefined;
    const factorId = await activate(deps, trx, user, proof);
    if (factorId) return settle(deps, trx, { user, caller, factorId, proof, requestId });
    await giveBackSecret(trx, binding);
    return undefined;
  });
  // After the commit: the wrong try stays counted.
  if (!enrolled) throw invalidSecondFactor();
  await deps.throttles.forget([byAccount]);
  return enrolled;
}

/** The factor's id, or undefined where the proof is wrong. */
async function activate(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  { challenge, code, passkey }: EnrolmentProof,
): Promise<string | undefined> {
  const now = deps.clock.now();
  const userId = user.user_id;
  if (passkey) {
    const made = await readCreation(deps.passkeySite, { response: passkey, challenge });
    return made && keepPasskey(deps, trx, userId, made);
  }
  const begun = await findBegunFactor(trx, userId);
  if (!begun?.secret_sealed || code === undefined) return undefined;
  const factorId = begun.factor_id;
  const secret = await deps.personKeys.openFor<string>(trx, userId, totpField(factorId), begun.secret_sealed);
  const step = findStep(secret, code, now);
  if (step === undefined) return undefined;
  await activateTotp(trx, { userId, factorId, step, now });
  return factorId;
}

async function keepPasskey(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  userId: string,
  made: NonNullable<Awaited<ReturnType<typeof readCreation>>>,
): Promise<string | undefined> {
  const factorId = deps.ids.uuid();
  const now = deps.clock.now();
  const kept = await insertSecondFactor(trx, {
    factor_id: factorId,
    user_id: userId,
    method: "passkey",
    credential_id: made.credentialId,
    public_key: made.publicKey,
    sign_count: made.signCount,
    transports: made.transports,
    created_at: now,
    activated_at: now,
    last_used_at: now,
  });
  return kept ? factorId : undefined;
}

/** Everything that follows from a factor that counts. */
async function settle(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  facts: { user: UserRow; caller: UserCaller; factorId: string; proof: EnrolmentProof; requestId: string },
): Promise<Enrolled> {
  const { user, caller, factorId, requestId } = facts;
  const method = facts.proof.passkey ? "passkey" : "totp";
  const isFirst = user.sca_verified_at === null;
  await setFlag(deps, trx, {
    user,
    flag: "sca",
    reached: true,
    actor: actorOf(caller),
    action: "user.second-factor-enrolled",
    also: { factor: { before: null, after: factorId }, method: { before: null, after: method } },
    requestId,
  });
  if (user.email !== null)
    await deps.messages.send(trx, {
      userId: user.user_id,
      template: "second-factor-added",
      to: user.email,
      values: {},
    });
  if (!isFirst) return { factor_id: factorId, method };
  await deps.tokens.endOtherSessions(trx, user.user_id, caller.grantId);
  if (isForeignLogin(caller.grantId)) await noteProof(deps, trx, { login: caller.grantId, userId: user.user_id });
  return { factor_id: factorId, method, recovery_codes: await issueRecoveryCodes(deps, trx, user.user_id) };
}
