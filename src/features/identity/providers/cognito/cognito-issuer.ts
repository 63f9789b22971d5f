import { secondsClaim, type TrustedIssuer, textClaim } from "../../trusted-issuers/index.ts";
import type { CognitoSettings } from "./cognito-settings.ts";

/**
 * A user pool as a trusted issuer: its access tokens, made for its app client. They carry no `aud`; `client_id` and
 * `token_use` take its place (AWS developer guide, "Verifying JSON web tokens").
 */
export function cognitoIssuer(pool: { issuer: string; jwksUri: string; clientId: string }): TrustedIssuer {
  return {
    issuer: pool.issuer,
    jwksUri: pool.jwksUri,
    algorithms: ["RS256"],
    requiredClaims: ["token_use", "client_id", "auth_time"],
    refuse: (claims) => {
      if (claims.token_use !== "access") return "The token is not an access token of the user pool.";
      if (claims.client_id !== pool.clientId) return "The token was made for another client of the user pool.";
      return undefined;
    },
    // Pools without token revocation have no origin_jti; subject and moment name the log-in then.
    loginOf: (claims) => textClaim(claims, "origin_jti") ?? `${claims.sub}@${claims.auth_time}`,
    loginAt: (claims) => secondsClaim(claims, "auth_time") ?? 0,
    clientOf: (claims) => textClaim(claims, "client_id") ?? "",
  };
}

/** Issuer and keys of a pool: AWS's own unless an emulator stands in, which is never trusted in production. */
export function locatePool(settings: CognitoSettings): { issuer: string; jwksUri: string } {
  const { endpoint, region, userPoolId } = settings;
  const base =
    endpoint !== undefined && isEmulator(endpoint) ? endpoint : `https://cognito-idp.${region}.amazonaws.com`;
  const issuer = `${base}/${userPoolId}`;
  return { issuer: settings.issuer ?? issuer, jwksUri: `${issuer}/.well-known/jwks.json` };
}

/** AWS has endpoints of its own for private networks and FIPS; everything else only plays Cognito. */
export function isEmulator(endpoint: string): boolean {
  return !new URL(endpoint).hostname.endsWith(".amazonaws.com");
}
