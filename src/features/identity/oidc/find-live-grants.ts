import type { Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { selectGrantEnds } from "./oidc-records.queries.ts";

/**
 * When each of these log-ins ends by itself; one that was ended is missing, so that log-out, password reset and blocking
 * end access tokens before they expire.
 */
export async function findGrantEnds(db: Db, grantIds: readonly string[]): Promise<Map<string, Date>> {
  return new Map((await selectGrantEnds(db, grantIds)).map(({ grant_id, ends }) => [grant_id, ends]));
}

/** Of these log-ins, the ones that still stand. */
export async function findLiveGrants(
  { db, clock }: { db: Db; clock: Clock },
  grantIds: readonly string[],
): Promise<Set<string>> {
  const ends = [...(await findGrantEnds(db, grantIds))];
  const now = clock.now();
  return new Set(ends.filter(([, end]) => end > now).map(([grantId]) => grantId));
}
