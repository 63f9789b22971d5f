import type { Transaction } from "kysely";
import { addSeconds, type Clock } from "../../../foundation/clock/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import { deleteBegunBefore, deleteEverySecondFactor } from "./second-factors.queries.ts";

/** Forgets a person's second factors, in the transaction that erases them. */
export async function forgetSecondFactors(trx: Transaction<Database>, userId: string): Promise<void> {
  await deleteEverySecondFactor(trx, userId);
}

const keptSeconds = 3600;

/** Forgets log-ins and enrolments whose proof never came, and with them tokens that were held; gives their number. */
export async function deleteAbandonedLogIns({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  return deleteBegunBefore(db, addSeconds(clock.now(), -keptSeconds));
}
