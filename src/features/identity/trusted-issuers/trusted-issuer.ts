import type { JWTHeaderParameters, JWTPayload } from "jose";

/**
 * One issuer whose access tokens are accepted, all of it from configuration. What is not listed here is refused: no
 * claim and no header of a token widens it.
 */
export type TrustedIssuer = {
  /** `iss`, letter by letter. */
  issuer: string;
  /** Where its public keys are; its discovery document says so where it is not given. Never taken from a token. */
  jwksUri?: string | undefined;
  /** Asymmetric ones only: a public key must not pass for a shared secret (RFC 8725, 3.1). */
  algorithms: readonly string[];
  /** Claims that must be there, beside `iss`, `sub`, `exp` and `iat`. */
  requiredClaims: readonly string[];
  /** Kind of token, client or audience: why the token is not for us, or undefined where it is. */
  refuse(claims: JWTPayload, header: JWTHeaderParameters): string | undefined;
  /** The log-in that the token belongs to; it stays the same over refreshes. */
  loginOf(claims: JWTPayload): string;
  /** When that log-in began, in seconds since 1970; it stays the same over refreshes. */
  loginAt(claims: JWTPayload): number;
  /** The client that the token was made for. */
  clientOf(claims: JWTPayload): string;
};

/** A text claim, or nothing. */
export function textClaim(claims: JWTPayload, name: string): string | undefined {
  const value = claims[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A claim that is a number of seconds since 1970, or nothing. */
export function secondsClaim(claims: JWTPayload, name: string): number | undefined {
  const value = claims[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
