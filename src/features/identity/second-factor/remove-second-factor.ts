import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { forbidden } from "../../../foundation/errors/common.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { lockTarget, setFlag, type UserRow } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { answerChallenge } from "./answer-challenge.ts";
import type { Proof } from "./check-proof.ts";
import { readChallenge } from "./demand-second-factor.ts";
import { invalidSecondFactor, noSecondFactor } from "./errors.ts";
import { deleteFactors, listActiveFactors, replaceRecoveryCodes } from "./second-factors.queries.ts";

/** Which factor; all of them where none is named. */
type Which = { factorId?: string; reason?: string; requestId: string };

/**
 * Takes a second factor off the caller's own account, with a fresh proof of one. Every other log-in ends.
 *
 * @throws invalid-second-factor, no-second-factor, too-many-requests
 */
export async function removeOwnSecondFactor(
  deps: IdentityDeps,
  input: Which & { caller: UserCaller; challenge: string; proof: Proof; source: string },
): Promise<void> {
  const { caller, challenge, proof, source } = input;
  if (readChallenge(challenge)?.userId !== caller.userId) throw invalidSecondFactor();
  const demand = { purpose: "second-factor-proof", challenge, proof, source } as const;
  const removed = await answerChallenge(deps, demand, async (trx, user) => {
    await remove(deps, trx, user, input);
    await deps.tokens.endOtherSessions(trx, user.user_id, caller.grantId);
    return true;
  });
  if (!removed) throw invalidSecondFactor();
}

/**
 * Takes a second factor off somebody's account as an operator, for people who have lost theirs. All their log-ins end.
 * Only a super-admin does so to another operator: who could take an operator's second factor away were one of two
 * proofs closer to being that operator.
 *
 * @throws user-not-found, no-second-factor, forbidden
 */
export async function removeSecondFactorOf(
  deps: IdentityDeps,
  input: Which & { caller: UserCaller; userId: string },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    const { user, caller } = await lockTarget(trx, input);
    if (user.type === "internal-admin" && caller.role !== "super-admin")
      throw forbidden({ detail: "Only a super-admin takes an operator's second factor away." });
    await remove(deps, trx, user, input);
    await deps.tokens.endSessions(trx, user.user_id);
  });
}

async function remove(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  { caller, factorId, reason, requestId }: Which & { caller: UserCaller },
): Promise<void> {
  const factors = await listActiveFactors(trx, user.user_id);
  const removed = factors.filter((factor) => factorId === undefined || factor.factor_id === factorId.toLowerCase());
  if (removed.length === 0) throw noSecondFactor();
  await deleteFactors(
    trx,
    removed.map((factor) => factor.factor_id),
  );
  const isLast = removed.length === factors.length;
  if (isLast) await replaceRecoveryCodes(trx, user.user_id, [], deps.clock.now());
  await setFlag(deps, trx, {
    user,
    flag: "sca",
    reached: !isLast,
    actor: actorOf(caller),
    action: "user.second-factor-removed",
    also: { factors: { before: removed.map((factor) => factor.factor_id), after: [] } },
    ...(reason ? { personal: { reason } } : {}),
    requestId,
  });
  if (user.email !== null)
    await deps.messages.send(trx, {
      userId: user.user_id,
      template: "second-factor-removed",
      to: user.email,
      values: {},
    });
}
