import { addSeconds } from "../../../foundation/clock/index.ts";
import { findUserByEmail } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { AccountPool } from "../identity-provider.ts";
import { keepRegistration, type PendingRegistration } from "../keep-registration.ts";
import { madeBySignUp } from "./made-by-sign-up.ts";
import { claimLeftSignUps, deleteSignUp, type SignUpRow } from "./sign-ups.queries.ts";

/** A registration that takes longer was interrupted: calls to the pool end well before. */
const repairAfterSeconds = 60;
const atOnce = 20;

/**
 * Makes registrations whole that stopped between the outside pool and our transaction: the ones whose account exists
 * are completed, the others forgotten; the accounts of abandoned ones are deleted. Safe to repeat and from several
 * processes: it goes by address and subject. Gives the number of those it looked at.
 */
export async function repairSignUps(deps: IdentityDeps): Promise<number> {
  const { pool } = deps.provider;
  if (!pool) return 0;
  const now = deps.clock.now();
  const left = await claimLeftSignUps(deps.db, { before: addSeconds(now, -repairAfterSeconds), now, limit: atOnce });
  for (const row of left) {
    await repair(deps, pool, row).catch((error: unknown) =>
      deps.log.warn("an interrupted registration could not be repaired yet", { provider: deps.provider.name, error }),
    );
  }
  return left.length;
}

async function repair(deps: IdentityDeps, pool: AccountPool, row: SignUpRow): Promise<void> {
  if (row.state === "abandoned") {
    if (row.subject !== null) await pool.deleteAccount(row.subject);
    await deleteSignUp(deps.db, row.user_id);
    return;
  }
  const pending = await deps.seal.open<PendingRegistration>(row.sealed);
  const { email } = pending.registration;
  const account = await madeBySignUp(deps, pool, { email, startedAt: row.started_at });
  const taken = await findUserByEmail(deps.db, email);
  if (account && taken) await pool.deleteAccount(account.subject);
  if (!account || taken) {
    await deleteSignUp(deps.db, row.user_id);
    return;
  }
  await deps.db.transaction().execute(async (trx) => {
    if (await deleteSignUp(trx, row.user_id)) await keepRegistration(deps, trx, { ...pending, account });
  });
  deps.log.info("an interrupted registration was completed", { provider: deps.provider.name });
}
