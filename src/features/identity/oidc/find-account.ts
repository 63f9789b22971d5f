import type { Account } from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { hasSecondFactor, keepUntilIdle } from "./idle-logins.ts";
import type { RecordOwner } from "./oidc-records.queries.ts";
import type { RecordTransactions } from "./record-transactions.ts";

/** Why the machinery ended a log-in by itself. */
export type LoginEnd = "refresh-token-reused" | "account-may-not-act" | "token-revoked";

export type FindAccountDeps = {
  clock: Clock;
  transactions: RecordTransactions;
  /** Whether the person's account may act at this moment. */
  accountMayAct(db: Db, userId: string): Promise<boolean>;
  /** Ends a log-in in the transaction under way. */
  endLogin(owner: RecordOwner, reason: LoginEnd): Promise<void>;
};

/**
 * oidc-provider's question for the person behind a token, asked at every refresh. A token that was used before, or an
 * account that may not act, ends the log-in (RFC 9700 section 4.14.2) and is answered as not found: `invalid_grant`.
 */
export async function findAccount(
  deps: FindAccountDeps,
  accountId: string,
  token: object | undefined,
): Promise<Account | undefined> {
  const { grantId, consumed, amr } = (token ?? {}) as { grantId?: string; consumed?: unknown; amr?: unknown };
  const trx = await deps.transactions.current();
  const mayAct = await deps.accountMayAct(trx, accountId);
  if (mayAct && !consumed) {
    if (grantId && hasSecondFactor(amr)) await keepUntilIdle(deps, trx, [grantId]);
    return { accountId, claims: async () => ({ sub: accountId }) };
  }
  if (grantId) {
    await deps.endLogin({ grantId, userId: accountId }, consumed ? "refresh-token-reused" : "account-may-not-act");
  }
  return undefined;
}
