import DataLoader from "dataloader";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { unauthenticated } from "../../foundation/errors/common.ts";
import type { UserCaller } from "../access/index.ts";
import { type CallerStanding, findStandings } from "../users/index.ts";
import { findLiveGrants, type Tokens } from "./oidc/index.ts";
import { requireAccess } from "./require-access.ts";

/** Finds who a token belongs to, and what they may do at this moment. */
export type Authenticate = (token: string) => Promise<UserCaller>;

/** Nothing is kept between batches: rights are always the database's present answer. */
const batching = { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => setImmediate(run) };

/**
 * Makes the check of access tokens. What a token says is kept while it lives; the person's standing and rights and
 * whether the log-in still stands are read on every request, those of one moment together in two queries.
 *
 * @throws unauthenticated for bad tokens and ended log-ins; account-inactive, account-blocked, account-closed
 */
export function createAuthenticate(deps: {
  db: Db;
  clock: Clock;
  tokens: Pick<Tokens, "peekAccessToken" | "verifyAccessToken">;
}): Authenticate {
  const standings = new DataLoader<string, CallerStanding | undefined>(async (userIds) => {
    const found = new Map((await findStandings(deps.db, [...new Set(userIds)])).map((row) => [row.user_id, row]));
    return userIds.map((userId) => found.get(userId));
  }, batching);
  const grants = new DataLoader<string, boolean>(async (grantIds) => {
    const live = await findLiveGrants(deps, [...new Set(grantIds)]);
    return grantIds.map((grantId) => live.has(grantId));
  }, batching);
  return async (token) => {
    const { userId, grantId } = deps.tokens.peekAccessToken(token) ?? (await deps.tokens.verifyAccessToken(token));
    const [user, live] = await Promise.all([standings.load(userId), grants.load(grantId)]);
    if (!user) throw unauthenticated({ detail: "The token's user does not exist here." });
    // Before the log-in: it was ended by what happened to the account, and that is what its owner should learn.
    requireAccess(user);
    if (!live) throw unauthenticated({ detail: "This log-in was ended. Log in again." });
    return { kind: "user", id: user.id, userId, role: user.role, type: user.type, grantId, permissions: noPermissions };
  };
}

/** Permissions of persons are given one by one in a later version; an internal-admin holds all by type. */
const noPermissions: readonly string[] = [];
