import type { IdentityDeps } from "./identity-deps.ts";
import type { AccountPool } from "./identity-provider.ts";
import { invalidRefreshToken, type TokenPair } from "./oidc/index.ts";
import { accountMayAct } from "./require-access.ts";

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
  const tokens = await pool.refresh(refreshToken);
  const caller = await deps.findForeignCaller(await deps.foreignTokens.verify(tokens.accessToken));
  if (caller?.live && (await accountMayAct(deps.db, caller.userId))) return tokens;
  await pool
    .revoke(tokens.refreshToken)
    .catch((error: unknown) =>
      deps.log.warn("a refused refresh could not be revoked at the pool", { provider: deps.provider.name, error }),
    );
  throw invalidRefreshToken();
}
