import type { AuthenticationResultType } from "@aws-sdk/client-cognito-identity-provider";
import { unavailable } from "../../../../foundation/errors/common.ts";
import { emailNotConfirmed, furtherStepRequired } from "../../errors.ts";
import { invalidRefreshToken, type TokenPair } from "../../oidc/index.ts";
import type { UserPool } from "./user-pool.ts";

/** What Cognito answers to a right password. */
export type SignedIn = { tokens: TokenPair; idToken: string | undefined };

/**
 * InitiateAuth with USER_PASSWORD_AUTH. Wrong password, unknown, disabled, locked and to-be-reset accounts are all
 * undefined.
 *
 * @throws email-not-confirmed, further-step-required, too-many-requests, unavailable
 */
export async function signIn(
  pool: UserPool,
  { email, password }: { email: string; password: string },
): Promise<SignedIn | undefined> {
  const hash = pool.hashFor(email);
  const { output, refused } = await pool.ask(
    (cognito) =>
      cognito.initiateAuth({
        ClientId: pool.clientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: email, PASSWORD: password, ...(hash ? { SECRET_HASH: hash } : {}) },
      }),
    // The emulator cognito-local answers InvalidPasswordException where the real service answers NotAuthorized.
    [
      "NotAuthorizedException",
      "UserNotFoundException",
      "PasswordResetRequiredException",
      "InvalidPasswordException",
      "UserNotConfirmedException",
    ],
  );
  if (refused === "UserNotConfirmedException") throw emailNotConfirmed();
  if (refused !== undefined) return undefined;
  if (output.ChallengeName !== undefined) throw furtherStepRequired();
  return { tokens: toTokenPair(output.AuthenticationResult), idToken: output.AuthenticationResult?.IdToken };
}

/**
 * New tokens for a refresh token, by GetTokensFromRefreshToken: the only call that serves pools which rotate, and it
 * needs no user name. Without rotation the given refresh token goes on counting.
 *
 * @throws invalid-refresh-token, too-many-requests, unavailable
 */
export async function refresh(pool: UserPool, refreshToken: string): Promise<TokenPair> {
  const { output, refused } = await pool.ask(
    (cognito) =>
      cognito.getTokensFromRefreshToken({
        ClientId: pool.clientId,
        ClientSecret: pool.clientSecret,
        RefreshToken: refreshToken,
      }),
    ["NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException", "InvalidParameterException"],
  );
  if (refused !== undefined) throw invalidRefreshToken();
  return toTokenPair(output.AuthenticationResult, refreshToken);
}

/** RevokeToken: ends the log-in of a refresh token. A token that is none of the pool's is no error. */
export async function revoke(pool: UserPool, refreshToken: string): Promise<void> {
  await pool.ask(
    (cognito) => cognito.revokeToken({ ClientId: pool.clientId, ClientSecret: pool.clientSecret, Token: refreshToken }),
    ["NotAuthorizedException", "UnauthorizedException", "InvalidParameterException", "UnsupportedTokenTypeException"],
  );
}

function toTokenPair(result: AuthenticationResultType | undefined, former?: string): TokenPair {
  const { AccessToken: accessToken, RefreshToken: refreshToken = former, ExpiresIn: expiresIn } = result ?? {};
  if (!accessToken || !refreshToken)
    throw unavailable({ detail: "The identity provider gave no tokens.", retryAfterSeconds: 5 });
  return { accessToken, refreshToken, tokenType: "Bearer", expiresIn: expiresIn ?? 3600 };
}
