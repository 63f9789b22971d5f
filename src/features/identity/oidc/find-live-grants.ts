import type { Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { selectLiveGrants } from "./oidc-records.queries.ts";

/**
 * Of these log-ins, the ones that still stand. Asked for the callers of a moment together, in one query that an index
 * answers, so that log-out, password reset and blocking end access tokens before they expire.
 */
export async function findLiveGrants(
  deps: { db: Db; clock: Clock },
  grantIds: readonly string[],
): Promise<Set<string>> {
  return new Set(grantIds.length === 0 ? [] : await selectLiveGrants(deps.db, grantIds, deps.clock.now()));
}
