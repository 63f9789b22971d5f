import { hash } from "node:crypto";
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTHeaderParameters,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../../foundation/clock/index.ts";
import { unauthenticated } from "../../../foundation/errors/common.ts";
import type { CallOutside } from "../../../foundation/outbound/index.ts";
import { createKeySource } from "./key-source.ts";
import { type TrustedIssuer, textClaim } from "./trusted-issuer.ts";

/** What a valid token of a trusted issuer says. It grants nothing: only a stored (issuer, subject) link counts. */
export type ForeignToken = {
  issuer: string;
  subject: string;
  clientId: string;
  /** The log-in, unique over all issuers: `issuer#log-in`. */
  login: string;
  loginAt: Date;
  issuedAt: Date;
  expiresAt: Date;
  scope: readonly string[];
};

export type ForeignTokenVerifier = {
  /** Whether the issuer is one of the listed ones. */
  trusts(issuer: string): boolean;
  /** Whether the token claims to come from one of the listed issuers; nothing is proven by it and nothing fetched. */
  knows(token: string): boolean;
  /** @throws unauthenticated saying why; unavailable when the issuer's keys cannot be fetched */
  verify(token: string): Promise<ForeignToken>;
};

const keptTokens = 20_000;
const longestToken = 4096;
/** What clocks of two houses may differ. */
const skewSeconds = 30;

type Trusted = TrustedIssuer & { keys: JWTVerifyGetKey };

/**
 * The one verifier for tokens of others: an allow-list of issuers, each with its algorithms, keys, kind and client
 * (RFC 8725). Headers that lead elsewhere (`jku`, `x5u`, `jwk`) are not looked at. A verified token is kept until it
 * expires, by its digest.
 */
export function createForeignTokenVerifier(
  deps: { clock: Clock; callOutside: CallOutside },
  issuers: readonly TrustedIssuer[],
): ForeignTokenVerifier {
  const table = new Map<string, Trusted>(
    issuers.map((issuer) => [issuer.issuer, { ...issuer, keys: createKeySource(deps, issuer) }]),
  );
  const verified = new LRUCache<string, ForeignToken>({ max: keptTokens });
  return {
    trusts: (issuer) => table.has(issuer),
    knows: (token) => findIssuer(table, token) !== undefined,
    verify: async (token) => {
      const digest = hash("sha256", token, "binary");
      const known = verified.get(digest);
      if (known && known.expiresAt > deps.clock.now()) return known;
      const trusted = findIssuer(table, token);
      if (!trusted) throw unauthenticated({ detail: "The token's issuer is not one that is trusted here." });
      const found = await verifyFor(trusted, token, deps.clock.now()).catch((error: unknown) => {
        throw refusal(error);
      });
      verified.set(digest, found);
      return found;
    },
  };
}

function findIssuer(table: ReadonlyMap<string, Trusted>, token: string): Trusted | undefined {
  if (token.length > longestToken || token.split(".").length !== 3) return undefined;
  try {
    return table.get(decodeJwt(token).iss ?? "");
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

async function verifyFor(trusted: Trusted, token: string, now: Date): Promise<ForeignToken> {
  // What needs no key comes first: a token that cannot count makes nobody fetch one.
  refuseClaims(trusted, token, now);
  const { payload } = await jwtVerify(token, trusted.keys, {
    algorithms: [...trusted.algorithms],
    issuer: trusted.issuer,
    requiredClaims: ["iss", "sub", "exp", "iat", ...trusted.requiredClaims],
    currentDate: now,
    clockTolerance: skewSeconds,
  });
  const { sub = "", iat = 0, exp = 0 } = payload;
  return {
    issuer: trusted.issuer,
    subject: sub,
    clientId: trusted.clientOf(payload),
    login: `${trusted.issuer}#${trusted.loginOf(payload)}`,
    loginAt: new Date(trusted.loginAt(payload) * 1000),
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date((exp + skewSeconds) * 1000),
    scope: (textClaim(payload, "scope") ?? "").split(" ").filter(Boolean),
  };
}

/** Algorithm, times, kind, client or audience, as the token itself says them: not proven yet, but refused already. */
function refuseClaims(trusted: Trusted, token: string, now: Date): void {
  const header = decodeProtectedHeader(token) as JWTHeaderParameters;
  const claims = decodeJwt(token);
  const { exp, iat, nbf } = claims;
  const seconds = now.getTime() / 1000;
  const refuse = (detail: string) => unauthenticated({ detail });
  if (!trusted.algorithms.includes(header.alg)) throw refuse("The token is not signed with an accepted algorithm.");
  if (header.crit !== undefined) throw refuse("The token asks for extensions that are not known here.");
  const missing = ["sub", "exp", "iat", ...trusted.requiredClaims].find((name) => claims[name] === undefined);
  if (missing !== undefined) throw refuse(`The token has no claim ${missing}.`);
  if (typeof exp !== "number" || typeof iat !== "number") throw refuse("The token's times are no numbers.");
  if (exp <= seconds - skewSeconds) throw refuse("The access token has expired: refresh it, or log in again.");
  if (Math.max(iat, typeof nbf === "number" ? nbf : 0) > seconds + skewSeconds)
    throw refuse("The token was issued in the future.");
  const reason = trusted.refuse(claims, header);
  if (reason !== undefined) throw refuse(reason);
}

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired)
    return unauthenticated({ detail: "The access token has expired: refresh it, or log in again.", cause: error });
  if (error instanceof errors.JOSEError)
    return unauthenticated({
      detail: "The token is not a valid access token of its issuer for this API.",
      cause: error,
    });
  return error;
}
