import { addSeconds } from "../../foundation/clock/index.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { findIdentity } from "./identities.queries.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { signOutOfPool } from "./pool-accounts/index.ts";
import { isForeignLogin, upsertForeignLogin } from "./trusted-issuers/index.ts";

type LogOutInput = { caller: UserCaller; refreshToken?: string; everywhere?: boolean; requestId: string };

type LogOutDeps = Pick<IdentityDeps, "db" | "clock" | "log" | "journal" | "tokens" | "provider" | "poolAccounts">;

/** Ten years: the longest that a refresh token of the ended log-in may live at its issuer. */
const rememberedSeconds = 3652 * 24 * 3600;

/**
 * Ends the log-in that the caller's token belongs to, or all of the person's. A refresh token given beside it ends its
 * log-in too, whosesoever it is: who holds it may give it up (RFC 7009). Log-ins at an outside pool end here with the
 * commit, and there before it where it can be reached.
 */
export async function logOut(
  deps: LogOutDeps,
  { caller, refreshToken, everywhere = false, requestId }: LogOutInput,
): Promise<void> {
  const leftAtPool = await leavePool(deps, { caller, refreshToken, everywhere });
  await deps.db.transaction().execute(async (trx) => {
    if (everywhere) await deps.tokens.endSessions(trx, caller.userId);
    else if (isForeignLogin(caller.grantId)) {
      const forget_at = addSeconds(deps.clock.now(), rememberedSeconds);
      await upsertForeignLogin(trx, { login: caller.grantId, user_id: caller.userId, ended: true, forget_at });
    } else await deps.tokens.endSession(trx, caller.grantId);
    if (leftAtPool !== undefined) await deps.poolAccounts.signOutLater(trx, leftAtPool);
    const other =
      refreshToken === undefined ? undefined : await deps.tokens.endSessionOfRefreshToken(trx, refreshToken);
    const ended = new Set([caller.userId, ...(other ? [other.userId] : [])]);
    await deps.journal.recordAll(
      trx,
      [...ended].map((userId) => ({
        actor: actorOf(caller),
        action: "user.logged-out",
        subject: { kind: "user", id: userId } as const,
        changes: { everywhere: { before: null, after: everywhere && userId === caller.userId } },
        requestId,
      })),
    );
  });
}

/** Gives the subject whose log-ins the pool could not end now; undefined where nothing is left to do. */
async function leavePool(
  deps: LogOutDeps,
  { caller, refreshToken, everywhere }: { caller: UserCaller; refreshToken?: string; everywhere: boolean },
): Promise<string | undefined> {
  const { pool } = deps.provider;
  if (!pool) return undefined;
  if (refreshToken !== undefined && !everywhere) {
    await pool
      .revoke(refreshToken)
      .catch((error: unknown) => deps.log.warn("a given-up refresh token could not be revoked at the pool", { error }));
  }
  if (!everywhere) return undefined;
  const identity = await findIdentity(deps.db, caller.userId, deps.provider.name);
  if (!identity || (await signOutOfPool(deps, pool, identity.subject))) return undefined;
  return identity.subject;
}
