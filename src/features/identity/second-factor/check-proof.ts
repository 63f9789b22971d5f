import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { ProofMethod } from "./demand-second-factor.ts";
import { readAssertion } from "./passkeys.ts";
import { hashRecoveryCode } from "./recovery-codes.ts";
import { listActiveFactors, takeCount, takeRecoveryCode, takeStep } from "./second-factors.queries.ts";
import { findStep, totpField } from "./totp.ts";

/** What a person answers a challenge with: exactly one of the three. */
export type Proof = { code?: string; recovery_code?: string; passkey?: AuthenticationResponseJSON };

type ProofDeps = Pick<IdentityDeps, "clock" | "hash" | "personKeys" | "passkeySite">;

/**
 * Checks the answer to a challenge and uses it up, in the transaction that holds the user's lock: a code, a recovery
 * code and a passkey's counter each count once. The method that was right, or undefined.
 */
export async function checkProof(
  deps: ProofDeps,
  trx: Transaction<Database>,
  { userId, secret, proof }: { userId: string; secret: string; proof: Proof },
): Promise<ProofMethod | undefined> {
  const { code, recovery_code: recoveryCode, passkey } = proof;
  if (code !== undefined) return (await checkCode(deps, trx, userId, code)) ? "totp" : undefined;
  if (passkey !== undefined)
    return (await checkPasskey(deps, trx, { userId, secret, passkey })) ? "passkey" : undefined;
  if (recoveryCode === undefined) return undefined;
  const hash = hashRecoveryCode(deps.hash, userId, recoveryCode);
  return (await takeRecoveryCode(trx, { userId, hash, now: deps.clock.now() })) ? "recovery-code" : undefined;
}

async function checkCode(deps: ProofDeps, trx: Transaction<Database>, userId: string, code: string): Promise<boolean> {
  const factor = (await listActiveFactors(trx, userId)).find(({ method }) => method === "totp");
  if (!factor?.secret_sealed) return false;
  const { factor_id: factorId, secret_sealed: sealed } = factor;
  const now = deps.clock.now();
  const step = findStep(await deps.personKeys.openFor<string>(trx, userId, totpField(factorId), sealed), code, now);
  return step !== undefined && takeStep(trx, { factorId, step, now });
}

async function checkPasskey(
  deps: ProofDeps,
  trx: Transaction<Database>,
  { userId, secret, passkey }: { userId: string; secret: string; passkey: AuthenticationResponseJSON },
): Promise<boolean> {
  const factor = (await listActiveFactors(trx, userId)).find(({ credential_id: id }) => id === passkey.id);
  if (!factor) return false;
  const count = await readAssertion(deps.passkeySite, { response: passkey, challenge: secret, factor });
  return count !== undefined && takeCount(trx, { factorId: factor.factor_id, count, now: deps.clock.now() });
}
