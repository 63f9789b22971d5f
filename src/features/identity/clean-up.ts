import { addSeconds, type Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { longestWindowSeconds } from "./budgets.ts";
import { deleteSourcesUnseenSince } from "./known-sources.queries.ts";
import { deleteSecretsExpiredBefore } from "./one-time-secrets.queries.ts";
import { deleteBucketsStartedBefore } from "./throttles.queries.ts";
import { deleteNoncesExpiredBefore } from "./wallets/wallets.queries.ts";

const day = 24 * 3600;
const sourcesKeptDays = 180;

type CleanUpDeps = { db: Db; clock: Clock };

/** Forgets one-time secrets and used nonces a day after they expired; gives their number. */
export async function deleteExpiredSecrets({ db, clock }: CleanUpDeps): Promise<number> {
  const moment = addSeconds(clock.now(), -day);
  return (await deleteSecretsExpiredBefore(db, moment)) + (await deleteNoncesExpiredBefore(db, moment));
}

/** Forgets budgets whose window has passed, and places where nobody logged in for 180 days; gives their number. */
export async function deleteOldThrottles({ db, clock }: CleanUpDeps): Promise<number> {
  const now = clock.now();
  const buckets = await deleteBucketsStartedBefore(db, addSeconds(now, -longestWindowSeconds), now);
  return buckets + (await deleteSourcesUnseenSince(db, addSeconds(now, -sourcesKeptDays * day)));
}
