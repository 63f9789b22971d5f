import type { Transaction } from "kysely";
import { type Database, type Once, runOnce } from "../../../foundation/database/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import {
  emailTaken,
  getUser,
  lockUser,
  registerArbitrator,
  type UserRow,
  verifiedDataLocked,
  withdrawVerification,
  writeProfile,
} from "../../users/index.ts";
import type { IdentityDeps, RequestFacts } from "../identity-deps.ts";
import type { Charge } from "../throttle.ts";
import { listWalletRows, setPrimaryWallet, type WalletRow } from "../wallets/wallets.queries.ts";
import { registerArbitratorError, registrationTxError, userInsertError, walletInsertError } from "./errors.ts";
import { nameStep } from "./name-step.ts";
import { type Profile, readProfile, requireComplete } from "./read-profile.ts";
import type { ProfileBody, RegisteredProfile } from "./schemas.ts";
import { tellOfProfile } from "./tell-of-profile.ts";

type CompleteInput = RequestFacts & { body: ProfileBody; caller: UserCaller; once?: Once };

/**
 * Completes or updates the profile of a wallet's user (PAYCIFI form). User, wallet, arbitrator's entry, journal, code and
 * welcome mail commit together or not at all; a failure names its step. A confirmed e-mail address stays, and so does
 * the name of somebody who was verified under it.
 *
 * @throws missing-data, invalid-request, email-already-exists, verified-data-locked, user-insert-error,
 *   wallet-insert-error, register-arbitrator-error, registration-tx-error, too-many-requests, idempotency-key-reused
 */
export async function completeProfile(deps: IdentityDeps, input: CompleteInput): Promise<RegisteredProfile> {
  const profile = readProfile(input.body);
  const charges = await chargeNewAddress(deps, input.caller.userId, profile.email);
  const completing = nameStep(registrationTxError, () =>
    runOnce(deps, input.once, (trx) => keepProfile(deps, trx, profile, input)),
  );
  return completing.catch(async (error: unknown) => {
    await deps.throttles.refund(charges);
    const taken = error instanceof DeclaredError && error.declaration === emailTaken.declaration;
    if (taken) await deps.throttles.charge([["taken address told", profile.email]]);
    throw error;
  });
}

/** A new address gets a code: nobody has many of them sent, and nobody gets many. */
async function chargeNewAddress(deps: IdentityDeps, userId: string, email: string): Promise<Charge[]> {
  const { email: present } = await getUser(deps, userId);
  if (present === email) return [];
  const charges: Charge[] = [
    ["new addresses of an account", userId],
    ["codes to a new address", email],
  ];
  await deps.throttles.charge(charges);
  return charges;
}

async function keepProfile(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  profile: Profile,
  { caller, requestId }: CompleteInput,
): Promise<RegisteredProfile> {
  const before = await lockUser(trx, caller.userId);
  const [wallet] = await listWalletRows(trx, before.user_id);
  requireComplete(before, profile, wallet?.address);
  requireUnlocked(before, profile);
  const profile_completed_at = before.profile_completed_at ?? deps.clock.now();
  const after = await nameStep(userInsertError, () =>
    writeProfile(deps, trx, before, { ...profile, profile_completed_at }),
  );
  const linked = await nameStep(walletInsertError, () => ensureWallet(deps, trx, after, wallet));
  await nameStep(registerArbitratorError, async () => {
    if (after.account_type === "arbitrator") await registerArbitrator(deps, trx, after.user_id);
    await withdrawVerification(deps, trx, { before, after, actor: actorOf(caller), requestId });
  });
  await tellOfProfile(deps, trx, { before, after, requestId });
  return {
    userId: after.user_id,
    firstname: profile.fname,
    lastname: profile.lname,
    email: profile.email,
    accountType: after.account_type,
    walletAddress: linked.address,
    additionalInfo: after.additional_info,
  };
}

/** One of the user's wallets is the primary one: the first in the list, which is the one that was chosen if any was. */
async function ensureWallet(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  wallet: WalletRow | undefined,
): Promise<WalletRow> {
  if (!wallet) throw new Error("The wallet that was there a moment ago is gone.");
  await setPrimaryWallet(trx, user.user_id, wallet.identityId, deps.clock.now());
  return wallet;
}

/** @throws verified-data-locked naming what was confirmed or verified and would change */
function requireUnlocked(user: UserRow, profile: Profile): void {
  const verified = user.status === "active";
  const locked: [field: string, is: boolean][] = [
    ["email", user.email_verified_at !== null && profile.email !== user.email],
    ["firstname", verified && profile.fname !== user.fname],
    ["lastname", verified && profile.lname !== user.lname],
  ];
  const fields = locked.filter(([, is]) => is).map(([field]) => field);
  if (fields.length === 0) return;
  throw verifiedDataLocked({
    errors: Object.fromEntries(fields.map((field) => [field, ["was confirmed or verified"]])),
  });
}
