import { type Account, digestOf, passwordFits, type SignIn } from "./account.ts";
import type { CallBody, Operation, Pool } from "./pool.ts";
import { checkClient, checkClientSecret, findText, objectOf, textOf } from "./read-body.ts";
import { Refusal, refusals } from "./refusal.ts";
import { beginSignIn, continueSignIn, readAccessToken } from "./tokens.ts";

/** USER_PASSWORD_AUTH and REFRESH_TOKEN_AUTH. */
export const initiateAuth: Operation = (pool, body) => {
  const flow = textOf(body, "AuthFlow");
  const parameters = objectOf(body, "AuthParameters");
  if (flow === "USER_PASSWORD_AUTH") return signInWithPassword(pool, body, parameters);
  if (flow === "REFRESH_TOKEN_AUTH" || flow === "REFRESH_TOKEN") return refreshByUsername(pool, body, parameters);
  throw refusals.parameter(`${flow} flow not enabled for this client`);
};

async function signInWithPassword(pool: Pool, body: CallBody, parameters: CallBody): Promise<object> {
  const username = textOf(parameters, "USERNAME");
  checkClient(pool, body, { username, secretHash: findText(parameters, "SECRET_HASH") });
  const account = pool.store.findAccount(username);
  if (!account)
    throw pool.settings.preventUserExistenceErrors === "ENABLED" ? refusals.badPassword() : refusals.unknownUser();
  const now = pool.clock.now().getTime();
  if (lockedUntil(account) > now) throw refusals.locked();
  if (!passwordFits(account, textOf(parameters, "PASSWORD"))) {
    const quiet = now - account.failures.lastAt > longestLockMilliseconds;
    pool.store.saveAccount({ ...account, failures: { count: quiet ? 1 : account.failures.count + 1, lastAt: now } });
    throw refusals.badPassword();
  }
  pool.store.saveAccount({ ...account, failures: { count: 0, lastAt: 0 } });
  if (!account.enabled) throw refusals.disabled();
  if (account.status === "UNCONFIRMED") throw refusals.unconfirmed();
  if (account.status === "FORCE_CHANGE_PASSWORD")
    return { ChallengeName: "NEW_PASSWORD_REQUIRED", ChallengeParameters: {}, Session: "double" };
  return { ChallengeParameters: {}, AuthenticationResult: await beginSignIn(pool, account) };
}

const longestLockMilliseconds = 15 * 60_000;

/** Five wrong passwords lock for a second, and each further one for twice as long, up to a quarter of an hour. */
function lockedUntil({ failures: { count, lastAt } }: Account): number {
  return count < 5 ? 0 : lastAt + Math.min(1000 * 2 ** (count - 5), longestLockMilliseconds);
}

/** The hash is over the real user name here, not the address that signed in. */
async function refreshByUsername(pool: Pool, body: CallBody, parameters: CallBody): Promise<object> {
  if (pool.settings.refreshTokenRotation)
    throw refusals.parameter("REFRESH_TOKEN_AUTH is not available while refresh token rotation is enabled.");
  const { account, signIn } = findSignIn(pool, textOf(parameters, "REFRESH_TOKEN"));
  checkClient(pool, body, { username: account.sub, secretHash: findText(parameters, "SECRET_HASH") });
  return { AuthenticationResult: await continueSignIn(pool, account, signIn, { rotate: false }) };
}

/** Serves pools with and without rotation. */
export const getTokensFromRefreshToken: Operation = async (pool, body) => {
  checkClientSecret(pool, body);
  const { account, signIn } = findSignIn(pool, textOf(body, "RefreshToken"));
  const rotate = pool.settings.refreshTokenRotation;
  return { AuthenticationResult: await continueSignIn(pool, account, signIn, { rotate }) };
};

function findSignIn(pool: Pool, refreshToken: string): { account: Account; signIn: SignIn } {
  const signIn = pool.store.findSignIn(refreshToken);
  const account = pool.store.findAccount(signIn?.sub ?? "");
  if (!signIn || !account || signIn.expiresAt <= pool.clock.now().getTime()) throw refusals.refreshUnknown();
  if (signIn.revoked) throw refusals.refreshRevoked();
  if (!account.enabled) throw refusals.disabled();
  if (signIn.refresh !== digestOf(refreshToken)) throw refusals.refreshReused();
  return { account, signIn };
}

/** Ends the sign-in of a refresh token; one that nobody knows is no error. */
export const revokeToken: Operation = (pool, body) => {
  checkClientSecret(pool, body);
  const token = textOf(body, "Token");
  if (token.split(".").length === 3) throw new Refusal("UnsupportedTokenTypeException", "Unsupported token type");
  const signIn = pool.store.findSignIn(token);
  if (signIn) pool.store.saveSignIn({ ...signIn, revoked: true });
  return {};
};

export const globalSignOut: Operation = async (pool, body) => {
  const { account } = await readAccessToken(pool, textOf(body, "AccessToken"));
  endSignIns(pool, account);
  return {};
};

export const getUser: Operation = async (pool, body) => {
  const { account } = await readAccessToken(pool, textOf(body, "AccessToken"));
  return { Username: account.sub, UserAttributes: attributesOf(account) };
};

/** Revokes every refresh token, and the access tokens of their sign-ins for Cognito's own calls. */
export function endSignIns(pool: Pool, account: Account): void {
  for (const signIn of pool.store.listSignIns(account.sub)) pool.store.saveSignIn({ ...signIn, revoked: true });
}

export function attributesOf(account: Account): { Name: string; Value: string }[] {
  return [
    { Name: "sub", Value: account.sub },
    { Name: "email", Value: account.email },
    { Name: "email_verified", Value: String(account.emailVerified) },
  ];
}
