import { addSeconds, type Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { deleteRefusedBefore, emptyUnownedBefore } from "./deliveries.queries.ts";

/** Longer than any provider repeats, and long enough for an operator to look. */
const keptSeconds = 90 * 24 * 3600;

/** So many rows a statement, so that none holds its locks for long. */
const batchSize = 1000;

/**
 * Forgets what the inbox must not keep for ever: deliveries whose signature does not hold, or anybody could fill the disk
 * with them; and the bodies of valid ones that nobody was found for, because no person's erasure would reach them. Of the
 * latter row and hash stay, so that a repeat is known for ever. Safe to repeat and to break off.
 */
export async function pruneDeliveries({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  const before = addSeconds(clock.now(), -keptSeconds);
  for (const prune of [deleteRefusedBefore, emptyUnownedBefore]) {
    while ((await prune(db, before, batchSize)) === batchSize);
  }
}
