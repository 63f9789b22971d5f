import type { UserCaller } from "../../access/index.ts";
import { getUser, lockUser } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { demandSecondFactor, type SecondFactorDemand } from "./demand-second-factor.ts";
import { noSecondFactor } from "./errors.ts";
import { countRecoveryCodes, listActiveFactors } from "./second-factors.queries.ts";

/** What somebody has enrolled, without any secret. @throws user-not-found */
export async function readSecondFactors(deps: Pick<IdentityDeps, "db">, userId: string) {
  const user = await getUser(deps, userId);
  const factors = await listActiveFactors(deps.db, user.user_id);
  return {
    factors: factors.map((factor) => ({
      factor_id: factor.factor_id,
      method: factor.method,
      enrolled_at: (factor.activated_at ?? factor.created_at).toISOString(),
      last_used_at: factor.last_used_at?.toISOString() ?? null,
    })),
    recovery_codes_left: await countRecoveryCodes(deps.db, user.user_id),
  };
}

/** A challenge for a fresh proof of the caller's second factor. @throws no-second-factor, user-not-found */
export async function askForProof(deps: IdentityDeps, caller: UserCaller): Promise<SecondFactorDemand> {
  const demand = await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    return demandSecondFactor(deps, trx, { userId: user.user_id, purpose: "second-factor-proof" });
  });
  if (!demand) throw noSecondFactor();
  return demand;
}
