import type { Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { UserStatus } from "../lifecycle/index.ts";
import { findStandings } from "../users/index.ts";
import { accountBlocked, accountClosed, accountInactive } from "./errors.ts";

const refusals: Partial<Record<UserStatus, typeof accountClosed>> = {
  inactive: accountInactive,
  blocked: accountBlocked,
  closed: accountClosed,
};

/** Whether an account's state lets its owner act. Erased users are closed. @throws account-inactive, account-blocked, account-closed */
export function requireAccess(user: { status: UserStatus; erased_at: Date | null }): void {
  const refusal = user.erased_at ? accountClosed : refusals[user.status];
  if (refusal) throw refusal();
}

/** The same question as a yes or no, for the token machinery. */
export async function accountMayAct(db: Db | Transaction<Database>, userId: string): Promise<boolean> {
  const [user] = await findStandings(db, [userId]);
  return user !== undefined && user.erased_at === null && refusals[user.status] === undefined;
}
