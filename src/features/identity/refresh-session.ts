import { addSeconds } from "../../foundation/clock/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { AccountPool } from "./identity-provider.ts";
import { invalidRefreshToken, type TokenPair } from "./oidc/index.ts";
import { recordLoginEnd } from "./record-login-end.ts";
import { accountMayAct } from "./require-access.ts";
import { endForeignLogin, findUsedToken, insertUsedToken } from "./trusted-issuers/index.ts";

/** Ours: 32 random bytes in base64url. A pool's are far longer. */
const ourForm = /^[A-Za-z0-9_-]{43}$/;

/**
 * New tokens for a refresh token: of our own machinery, or of the outside pool where it is none of ours.
 *
 * @throws invalid-refresh-token, too-many-requests, unavailable; the token still counts after the last two
 */
export async function refreshSession(deps: IdentityDeps, refreshToken: string): Promise<TokenPair> {
  const { pool } = deps.provider;
  if (!pool || ourForm.test(refreshToken)) return deps.tokens.refresh(refreshToken);
  return refreshAtPool(deps, pool, refreshToken);
}

/** The pool may not know yet what our record knows: ended log-ins and blocked people get nothing. */
async function refreshAtPool(deps: IdentityDeps, pool: AccountPool, refreshToken: string): Promise<TokenPair> {
  const tokens = await pool.refresh(refreshToken).catch(async (error: unknown) => {
    await endLogInOfUsed(deps, pool, refreshToken);
    throw error;
  });
  const token = await deps.foreignTokens.verify(tokens.accessToken);
  const caller = await deps.findForeignCaller(token);
  if (caller?.live && (await accountMayAct(deps.db, caller.userId))) {
    if (tokens.refreshToken !== refreshToken)
      await insertUsedToken(deps.db, {
        token_hash: hashToken(deps, refreshToken),
        login: token.login,
        user_id: caller.userId,
        forget_at: addSeconds(deps.clock.now(), rememberedSeconds),
      });
    return tokens;
  }
  await revokeQuietly(deps, pool, tokens.refreshToken);
  throw invalidRefreshToken();
}

/**
 * A refresh token that was exchanged before and comes again is in two hands: its log-in ends, here at once and at the
 * pool (RFC 9700, section 4.14.2). The pool itself only refuses the token.
 */
async function endLogInOfUsed(deps: IdentityDeps, pool: AccountPool, refreshToken: string): Promise<void> {
  const used = await findUsedToken(deps.db, hashToken(deps, refreshToken));
  if (!used) return;
  const { login, user_id: userId } = used;
  await revokeQuietly(deps, pool, refreshToken);
  await deps.db.transaction().execute(async (trx) => {
    const forget_at = addSeconds(deps.clock.now(), rememberedSeconds);
    const ended = await endForeignLogin(trx, { login, userId, forgetAt: forget_at });
    if (ended) await recordLoginEnd(deps, trx, { userId, reason: "refresh-token-reused" });
  });
}

/** Ten years: the longest that a refresh token may live at its issuer. */
const rememberedSeconds = 3652 * 24 * 3600;

const hashToken = ({ hash }: Pick<IdentityDeps, "hash">, refreshToken: string) => hash("used pool token", refreshToken);

async function revokeQuietly(deps: IdentityDeps, pool: AccountPool, refreshToken: string): Promise<void> {
  await pool
    .revoke(refreshToken)
    .catch((error: unknown) =>
      deps.log.warn("a refused refresh could not be revoked at the pool", { provider: deps.provider.name, error }),
    );
}
