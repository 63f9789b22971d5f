import type { Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { deleteRecordsThatEnded } from "./oidc-records.queries.ts";

const atOnce = 5_000;

/** Forgets the authorization server's expired records, some thousands a transaction; the number forgotten. */
export async function deleteExpiredRecords(deps: { db: Db; clock: Clock }): Promise<number> {
  const now = deps.clock.now();
  let total = 0;
  for (;;) {
    const deleted = await deps.db.transaction().execute((trx) => deleteRecordsThatEnded(trx, now, atOnce));
    total += deleted;
    if (deleted < atOnce) return total;
  }
}
