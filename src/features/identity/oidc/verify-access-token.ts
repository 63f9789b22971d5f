import { hash } from "node:crypto";
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { SigningKey } from "../../../foundation/crypto/index.ts";
import { unauthenticated } from "../../../foundation/errors/common.ts";
import { hasSecondFactor } from "./idle-logins.ts";

/** What a valid access token says. It says nothing of rights: those are asked about at each use. */
export type VerifiedToken = UserToken | ServiceToken;

type TokenFacts = {
  tokenId: string;
  clientId: string;
  /** Empty where the client asked for none: then all rights that are held count. */
  scope: readonly string[];
  issuedAt: Date;
  expiresAt: Date;
};

/** A person's token. */
export type UserToken = TokenFacts & {
  kind: "user";
  userId: string;
  /** The log-in; whether it still stands is `findGrantEnds`'s to say. */
  grantId: string;
  /** Whether the log-in was made with a second factor. */
  secondFactor: boolean;
};

/** A service account's token. */
export type ServiceToken = TokenFacts & {
  kind: "service";
  /** For which of the account's secrets or keys it was issued; only the present one counts. */
  credential: number;
};

export type AccessTokenVerifier = {
  /** A token that was verified before and has not expired; costs microseconds. */
  peek(token: string): VerifiedToken | undefined;
  /** @throws unauthenticated saying whether it is malformed, not ours or expired */
  verify(token: string): Promise<VerifiedToken>;
};

/** Verified tokens kept; about 1 KB each at most. */
const keptTokens = 50_000;
const longestToken = 4096;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Checks access tokens as RFC 9068 section 4 and RFC 8725 ask: one algorithm, one type, our issuer, our audience, our
 * own keys and no others (`jku`, `jwk` and `x5u` in a token are not looked at).
 */
export function createAccessTokenVerifier(deps: {
  clock: Clock;
  publicUrl: string;
  signingKeys: readonly SigningKey[];
}): AccessTokenVerifier {
  const keys = createLocalJWKSet({ keys: deps.signingKeys.map(({ d: _private, ...publicKey }) => publicKey) });
  const verified = new LRUCache<string, VerifiedToken>({ max: keptTokens });
  const peek = (token: string) => {
    const known = verified.get(digest(token));
    return known && known.expiresAt > deps.clock.now() ? known : undefined;
  };
  const verify = async (token: string) => {
    const known = peek(token);
    if (known) return known;
    if (token.length > longestToken) throw unauthenticated({ detail: malformed });
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ["ES256"],
        typ: "at+jwt",
        issuer: deps.publicUrl,
        audience: deps.publicUrl,
        requiredClaims: ["exp", "iat", "jti", "sub", "client_id"],
        currentDate: deps.clock.now(),
      });
      const found = read(payload);
      verified.set(digest(token), found);
      return found;
    } catch (error) {
      throw refusal(error);
    }
  };
  return { peek, verify };
}

/** The cache keeps no token, only its SHA-256: 32 characters, whatever the token's length. */
function digest(token: string): string {
  return hash("sha256", token, "binary");
}

function read({ sub, amr, grant_id, client_id, credential, scope, jti, iat, exp }: JWTPayload): VerifiedToken {
  const facts = {
    tokenId: String(jti),
    clientId: String(client_id),
    scope: typeof scope === "string" ? scope.split(" ").filter(Boolean) : [],
    issuedAt: new Date(Number(iat) * 1000),
    expiresAt: new Date(Number(exp) * 1000),
  };
  if (typeof credential === "number" && sub === client_id) return { kind: "service", credential, ...facts };
  if (typeof grant_id === "string" && sub !== undefined && uuid.test(sub)) {
    return { kind: "user", userId: sub, grantId: grant_id, secondFactor: hasSecondFactor(amr), ...facts };
  }
  throw unauthenticated({ detail: "The access token belongs neither to a person's log-in nor to a service account." });
}

const malformed = "The Bearer token is not a JWT access token (RFC 9068).";

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return unauthenticated({ detail: "The access token has expired: refresh it, or log in again.", cause: error });
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return unauthenticated({ detail: malformed, cause: error });
  }
  if (error instanceof errors.JOSEError) {
    return unauthenticated({ detail: "The access token was not issued by this server for this API.", cause: error });
  }
  return error;
}
