import { randomBytes, randomUUID } from "node:crypto";
import { createLocalJWKSet, errors, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import { type Account, digestOf, type SignIn } from "./account.ts";
import type { Pool } from "./pool.ts";
import { publicKeys } from "./pool-keys.ts";
import { Refusal, refusals } from "./refusal.ts";

/** Begins a sign-in and gives its tokens. */
export async function beginSignIn(pool: Pool, account: Account): Promise<object> {
  const now = pool.clock.now().getTime();
  const refreshToken = makeRefreshToken();
  const signIn: SignIn = {
    originJti: randomUUID(),
    sub: account.sub,
    authTime: now,
    refresh: digestOf(refreshToken),
    rotatedAway: [],
    revoked: false,
    expiresAt: now + pool.settings.refreshTokenSeconds * 1000,
  };
  pool.store.saveSignIn(signIn);
  return { ...(await makeTokens(pool, account, signIn)), RefreshToken: refreshToken };
}

/** New tokens of a sign-in; with `rotate`, the refresh token that was given counts no more and another one comes back. */
export async function continueSignIn(
  pool: Pool,
  account: Account,
  signIn: SignIn,
  options: { rotate: boolean },
): Promise<object> {
  if (!options.rotate) return makeTokens(pool, account, signIn);
  const refreshToken = makeRefreshToken();
  pool.store.saveSignIn({
    ...signIn,
    rotatedAway: [...signIn.rotatedAway, signIn.refresh],
    refresh: digestOf(refreshToken),
  });
  return { ...(await makeTokens(pool, account, signIn)), RefreshToken: refreshToken };
}

async function makeTokens(pool: Pool, account: Account, signIn: SignIn): Promise<object> {
  const { settings, store, issuer } = pool;
  const now = Math.floor(pool.clock.now().getTime() / 1000);
  const { clientId, keys } = store.identity;
  const common = {
    sub: account.sub,
    origin_jti: signIn.originJti,
    event_id: randomUUID(),
    auth_time: Math.floor(signIn.authTime / 1000),
    jti: randomUUID(),
    iat: now,
    exp: now + settings.accessTokenSeconds,
    iss: issuer,
  };
  const access = {
    ...common,
    token_use: "access",
    client_id: clientId,
    scope: "aws.cognito.signin.user.admin",
    username: account.sub,
  };
  const id = {
    ...common,
    jti: randomUUID(),
    token_use: "id",
    aud: clientId,
    email: account.email,
    email_verified: account.emailVerified,
    "cognito:username": account.sub,
  };
  return {
    AccessToken: await sign(access, keys.access),
    IdToken: await sign(id, keys.id),
    ExpiresIn: settings.accessTokenSeconds,
    TokenType: "Bearer",
  };
}

async function sign(claims: Record<string, unknown>, key: JWK): Promise<string> {
  const header = { alg: "RS256", kid: key.kid };
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, "RS256"));
}

/** The account and sign-in of an access token, for the user's own calls. @throws NotAuthorizedException */
export async function readAccessToken(pool: Pool, token: string): Promise<{ account: Account; signIn: SignIn }> {
  const keys = createLocalJWKSet(publicKeys(pool.store.identity.keys));
  const { payload } = await jwtVerify(token, keys, { issuer: pool.issuer, currentDate: pool.clock.now() }).catch(
    (error: unknown) => {
      if (error instanceof errors.JOSEError) throw new Refusal("NotAuthorizedException", "Invalid Access Token");
      throw error;
    },
  );
  const signIn = pool.store.findSignInByOrigin(String(payload.origin_jti));
  const account = pool.store.findAccount(payload.sub ?? "");
  if (payload.token_use !== "access" || !signIn || !account)
    throw new Refusal("NotAuthorizedException", "Invalid Access Token");
  if (signIn.revoked || !account.enabled) throw refusals.accessRevoked();
  return { account, signIn };
}

/** Looks like Cognito's, an encrypted JWT of five parts and some 1,700 characters, and holds nothing. */
function makeRefreshToken(): string {
  const header = Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}').toString("base64url");
  const part = (bytes: number) => randomBytes(bytes).toString("base64url");
  return [header, part(256), part(12), part(900), part(16)].join(".");
}
