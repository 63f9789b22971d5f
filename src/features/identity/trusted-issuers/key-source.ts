import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { unavailable } from "../../../foundation/errors/common.ts";
import type { CallOutside } from "../../../foundation/outbound/index.ts";

type KeyDeps = { callOutside: CallOutside };

const longestAnswerBytes = 256 * 1024;
/** Also the least time between two fetches: a made-up `kid` never causes one of its own. */
const keptMilliseconds = 5 * 60_000;
const pauseAfterFailureMilliseconds = 5_000;

/**
 * The public keys of one issuer, fetched when first needed and kept for five minutes; within that time an unknown `kid`
 * is refused without asking. Where the configuration names no place, the issuer's discovery document does (OpenID
 * Connect Discovery 1.0, section 4). After a failure nothing is asked for five seconds.
 *
 * @throws unavailable when the keys cannot be fetched; the token may be good
 */
export function createKeySource(
  deps: KeyDeps,
  { issuer, jwksUri }: { issuer: string; jwksUri?: string | undefined },
): JWTVerifyGetKey {
  let pending: Promise<JWTVerifyGetKey> | undefined;
  let failedUntil = 0;
  const open = async () => {
    pending ??= openKeySet(deps, issuer, jwksUri);
    return pending;
  };
  return async (header, token) => {
    if (performance.now() < failedUntil) throw unreachable();
    try {
      const key = await (await open())(header, token);
      failedUntil = 0;
      return key;
    } catch (cause) {
      // These tell of the token; everything else of the answer, or of there being none.
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JOSENotSupported) throw cause;
      if (cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      pending = undefined;
      failedUntil = performance.now() + pauseAfterFailureMilliseconds;
      throw unreachable(cause);
    }
  };
}

const unreachable = (cause?: unknown) =>
  unavailable({
    detail: "The keys of the token's issuer cannot be fetched at this moment.",
    retryAfterSeconds: 5,
    cause,
  });

async function openKeySet(deps: KeyDeps, issuer: string, jwksUri: string | undefined): Promise<JWTVerifyGetKey> {
  return createRemoteJWKSet(new URL(jwksUri ?? (await discoverKeys(deps, issuer))), {
    cacheMaxAge: keptMilliseconds,
    cooldownDuration: keptMilliseconds,
    [customFetch]: (url) => fetchJson(deps, url),
  });
}

async function discoverKeys(deps: KeyDeps, issuer: string): Promise<string> {
  const answer = await fetchJson(deps, `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (answer.status !== 200) throw new Error(`The issuer's discovery document was answered with ${answer.status}.`);
  const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (found.issuer !== issuer) throw new Error("The discovery document is another issuer's.");
  const keys = URL.parse(String(found.jwks_uri));
  if (keys?.protocol !== new URL(issuer).protocol) throw new Error("The discovery document names no place of keys.");
  return keys.href;
}

async function fetchJson({ callOutside }: KeyDeps, url: string): Promise<Response> {
  const outcome = await callOutside({
    url,
    method: "GET",
    headers: { accept: "application/json" },
    timeoutSeconds: 5,
    attemptTimeoutSeconds: 2,
    maxBytes: longestAnswerBytes,
    attempts: 2,
    repeatable: true,
  });
  if (outcome.kind === "failure") throw new Error(`The keys could not be fetched: ${outcome.why}.`);
  return new Response(new Uint8Array(outcome.body), { status: outcome.status });
}
