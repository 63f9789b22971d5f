import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import type { IdentityDeps, RequestFacts } from "../identity-deps.ts";
import { answerChallenge } from "./answer-challenge.ts";
import type { Proof } from "./check-proof.ts";
import { readChallenge } from "./demand-second-factor.ts";
import { invalidSecondFactor } from "./errors.ts";
import { hashRecoveryCode, makeRecoveryCodes } from "./recovery-codes.ts";
import { replaceRecoveryCodes } from "./second-factors.queries.ts";

type RenewInput = RequestFacts & { caller: UserCaller; challenge: string; proof: Proof };

/**
 * Gives ten new recovery codes in place of the old ones, with a fresh proof of a second factor; one of the old codes is
 * such a proof. The owner is told by mail.
 *
 * @throws invalid-second-factor, too-many-requests
 */
export async function renewRecoveryCodes(
  deps: IdentityDeps,
  { caller, challenge, proof, source, requestId }: RenewInput,
): Promise<{ recovery_codes: string[] }> {
  if (readChallenge(challenge)?.userId !== caller.userId) throw invalidSecondFactor();
  const demand = { purpose: "second-factor-proof", challenge, proof, source } as const;
  const codes = await answerChallenge(deps, demand, async (trx, user) => {
    const issued = await issueRecoveryCodes(deps, trx, user.user_id);
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: "user.recovery-codes-renewed",
      subject: { kind: "user", id: user.user_id },
      requestId,
    });
    if (user.email !== null)
      await deps.messages.send(trx, {
        userId: user.user_id,
        template: "recovery-codes-renewed",
        to: user.email,
        values: {},
      });
    return issued;
  });
  if (!codes) throw invalidSecondFactor();
  return { recovery_codes: codes };
}

/** Makes ten recovery codes, in clear for this moment only, in place of those before. */
export async function issueRecoveryCodes(
  deps: Pick<IdentityDeps, "clock" | "hash">,
  trx: Transaction<Database>,
  userId: string,
): Promise<string[]> {
  const codes = makeRecoveryCodes();
  const hashes = codes.map((code) => hashRecoveryCode(deps.hash, userId, code));
  await replaceRecoveryCodes(trx, userId, hashes, deps.clock.now());
  return codes;
}
