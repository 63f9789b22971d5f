import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { UserRow } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { HeldLogIn } from "../identity-provider.ts";
import { demandSecondFactor, type SecondFactorDemand } from "./demand-second-factor.ts";
import { replaceBegunLogIn } from "./second-factors.queries.ts";

/** The name that binds held tokens to their row. */
export const heldTokensField = "held tokens";

export type HoldDeps = Pick<IdentityDeps, "clock" | "ids" | "hash" | "passkeySite" | "journal" | "personKeys">;

/**
 * Holds a log-in whose first proof was right until the second is there. Tokens that an outside pool has issued already
 * rest sealed with the person's key meanwhile.
 */
export async function holdLogIn(
  deps: HoldDeps,
  trx: Transaction<Database>,
  facts: { user: UserRow; method: string; held: HeldLogIn; requestId: string },
): Promise<SecondFactorDemand> {
  const { user, method, held, requestId } = facts;
  const demand = await demandSecondFactor(deps, trx, { userId: user.user_id, purpose: "second-factor" });
  if (!demand) throw new Error("A user has the flag of second factors and none that counts.");
  await replaceBegunLogIn(trx, {
    user_id: user.user_id,
    method,
    tokens_sealed: held.tokens ? await deps.personKeys.sealFor(trx, user.user_id, heldTokensField, held.tokens) : null,
    foreign_login: held.foreignLogin ?? null,
    begun_at: deps.clock.now(),
  });
  await deps.journal.record(trx, {
    actor: { kind: "user", id: user.user_id },
    action: "user.second-factor-asked",
    subject: { kind: "user", id: user.user_id },
    changes: { method: { before: null, after: method } },
    requestId,
  });
  return demand;
}
