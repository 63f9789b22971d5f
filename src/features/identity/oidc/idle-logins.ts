import type { Transaction } from "kysely";
import { LRUCache } from "lru-cache";
import { addSeconds, type Clock } from "../../../foundation/clock/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import { slideLogins } from "./oidc-records.queries.ts";
import { tokenLifetimes } from "./token-lifetimes.ts";

/** Whether a log-in was made with two proofs, by the `amr` of its tokens (RFC 8176). */
export function hasSecondFactor(amr: unknown): boolean {
  return Array.isArray(amr) && amr.includes("mfa");
}

/** Lets log-ins with a second factor stand for the next five minutes; called whenever they are used. */
export async function keepUntilIdle(
  { clock }: { clock: Clock },
  db: Db | Transaction<Database>,
  grantIds: readonly string[],
): Promise<void> {
  const now = clock.now();
  await slideLogins(db, grantIds, { until: addSeconds(now, tokenLifetimes.idleSeconds), now });
}

/** How often a use is written down. A log-in so ends after 4½ to 5 idle minutes, never later. */
const notedEverySeconds = 30;

/** Notes that log-ins with a second factor are used; those of one moment go together. */
export type NoteUse = (grantIds: readonly string[]) => Promise<void>;

/**
 * Makes the note of uses. What this process has written within half a minute is not written again, so that most
 * requests cost nothing; forgetting it costs one statement.
 */
export function createNoteUse(deps: { db: Db; clock: Clock }): NoteUse {
  const noted = new LRUCache<string, number>({ max: 20_000 });
  return async (grantIds) => {
    const now = deps.clock.now().getTime();
    const due = grantIds.filter((grantId) => now - (noted.get(grantId) ?? 0) >= notedEverySeconds * 1000);
    if (due.length === 0) return;
    await keepUntilIdle(deps, deps.db, due);
    for (const grantId of due) noted.set(grantId, now);
  };
}
