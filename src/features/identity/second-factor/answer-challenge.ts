import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { lockUser, type UserRow } from "../../users/index.ts";
import { consumeSecret, giveBackSecret, isSecretLive } from "../consume-secret.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { Charge } from "../throttle.ts";
import { checkProof, type Proof } from "./check-proof.ts";
import { type DemandPurpose, type ProofMethod, readChallenge } from "./demand-second-factor.ts";

/**
 * Answers a challenge: what a right proof leads to happens in the transaction that uses challenge and proof up. A wrong
 * proof costs a try of the challenge and of the account; the challenge itself stands until it is out of tries.
 *
 * Whoever does not hold the challenge cannot use up its tries, nor the account's: both are touched only after it is
 * known to be the right one.
 *
 * @returns what `onRight` gave, or undefined where challenge or proof do not count
 * @throws too-many-requests, and what `onRight` throws
 */
export async function answerChallenge<Result>(
  deps: IdentityDeps,
  input: { purpose: DemandPurpose; challenge: string; proof: Proof; source: string },
  onRight: (trx: Transaction<Database>, user: UserRow, method: ProofMethod) => Promise<Result>,
): Promise<Result | undefined> {
  const bySource: Charge = ["code tries by source", input.source];
  await deps.throttles.charge([bySource]);
  const read = readChallenge(input.challenge);
  if (!read) return undefined;
  const { userId, secret } = read;
  const binding = { purpose: input.purpose, subject: userId };
  if (!(await isSecretLive(deps, deps.db, { ...binding, secret }))) return undefined;
  const byAccount: Charge = ["second factor by account", userId];
  await deps.throttles.charge([byAccount]);
  const answer = await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    if ((await consumeSecret(deps, trx, { ...binding, secret })) === "refused") return undefined;
    const method = await checkProof(deps, trx, { userId, secret, proof: input.proof });
    if (method) return { result: await onRight(trx, user, method) };
    await giveBackSecret(trx, binding);
    return undefined;
  });
  if (!answer) return undefined;
  await deps.throttles.refund([bySource]);
  await deps.throttles.forget([byAccount]);
  return answer.result;
}
