import type { JWK } from "jose";
import Provider, { type Configuration, errors, type KoaContextWithOIDC } from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash, SigningKey } from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import type { Logger } from "../../../foundation/logging/index.ts";
import { permissionNames } from "../../access/index.ts";
import { isSecretOf } from "../service-accounts/index.ts";
import { answerRequest } from "./answer-request.ts";
import { createClientAdapter } from "./client-adapter.ts";
import { type FindAccountDeps, findAccount } from "./find-account.ts";
import { fromMachineTime } from "./machine-time.ts";
import { createRecordAdapter } from "./record-adapter.ts";
import type { RecordTransactions } from "./record-transactions.ts";
import { requireKnownRequest, requireShortAssertion } from "./require-known-request.ts";
import { refreshTokenLifetime, tokenLifetimes } from "./token-lifetimes.ts";

/** The public client that log-in, refresh and log-out of our own apps go through. */
export const firstPartyClientId = "usher";

export type ProviderDeps = FindAccountDeps & {
  db: Db;
  clock: Clock;
  log: Logger;
  hash: KeyedHash;
  transactions: RecordTransactions;
  publicUrl: string;
  /** ES256: the first one signs, all are published. */
  signingKeys: readonly [SigningKey, ...SigningKey[]];
  /** Signs the cookies of log-in pages; 32 bytes. */
  cookieKey: Buffer;
};

/** How a client may prove itself with a key of its own. */
const assertionAlgorithms = ["ES256", "EdDSA", "Ed25519", "RS256", "PS256"] as const;

/** Scopes that are no permissions: OpenID Connect's own. */
const openIdScopes = ["openid", "offline_access"];

/** The authorization server (oidc-provider), with what is in use switched on and everything else off. */
export function createProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(deps.publicUrl, configure(deps));
  // Behind a proxy that ends TLS; `answerRequest` writes the headers that this makes Koa believe.
  provider.proxy = true;
  provider.use(answerRequest(deps));
  provider.on("server_error", (ctx: KoaContextWithOIDC, error: Error) => {
    ctx.state.failure = error;
  });
  // Koa prints what no middleware caught, such as a client that hung up while it was being answered.
  provider.onerror = (error) => deps.log.warn("authorization server could not answer", { error });
  compareHashedSecrets(provider, deps.hash);
  return provider;
}

/** Of a client's secret only the keyed hash is kept, and compared. */
function compareHashedSecrets(provider: Provider, hash: KeyedHash): void {
  const { prototype } = provider.Client as unknown as {
    prototype: {
      compareClientSecret(this: { clientId: string; clientSecret: string }, actual: string): Promise<boolean>;
    };
  };
  prototype.compareClientSecret = async function (actual) {
    return isSecretOf(hash, this.clientId, actual, Buffer.from(this.clientSecret, "hex"));
  };
}

function configure(deps: ProviderDeps): Configuration {
  return {
    adapter: (model: string) =>
      model === "Client"
        ? createClientAdapter(deps)
        : createRecordAdapter({ ...deps, reused: (owner) => deps.endLogin(owner, "refresh-token-reused") }, model),
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => requireShortAssertion(claims),
    // Service accounts are found through the adapter.
    clients: [
      {
        client_id: firstPartyClientId,
        token_endpoint_auth_method: "none",
        grant_types: ["refresh_token"],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    clientBasedCORS: (_ctx, origin) => origin === new URL(deps.publicUrl).origin,
    cookies: { keys: [deps.cookieKey.toString("base64url")] },
    discovery: { userinfo_endpoint: `${deps.publicUrl}/oidc/userinfo` },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"], clientAuthSigningAlgValues: [...assertionAlgorithms] },
    // Counts a client's secrets and keys; see `service_accounts`.
    extraClientMetadata: { properties: ["credential"] },
    features: features(deps),
    findAccount: (_ctx, accountId, token) => findAccount(deps, accountId, token),
    formats: { customizers: { jwt: (ctx, token, parts) => addOurClaims(deps, ctx, token, parts) } },
    jwks: { keys: deps.signingKeys.map((key): JWK => ({ ...key })) },
    renderError: (ctx, out) => {
      ctx.body = out;
    },
    // The page where people let apps act for them is our own; see `apps/`.
    responseTypes: ["code"],
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    routes: {
      token: "/oidc/token",
      jwks: "/oidc/jwks",
      introspection: "/oidc/introspection",
      revocation: "/oidc/revocation",
      authorization: "/oidc/auth",
      end_session: "/oidc/session/end",
    },
    scopes: [...openIdScopes, ...permissionNames],
    ttl: {
      AccessToken: tokenLifetimes.accessTokenSeconds,
      AuthorizationCode: tokenLifetimes.codeSeconds,
      IdToken: tokenLifetimes.accessTokenSeconds,
      ClientCredentials: tokenLifetimes.accessTokenSeconds,
      Grant: tokenLifetimes.loginSeconds,
      RefreshToken: (_ctx, token) => refreshTokenLifetime(token.totalLifetime()),
    },
  };
}

/**
 * RFC 9068, and ours: `grant_id` names the log-in, so that every request can ask whether it still stands; `credential`
 * numbers the secret or key for which a service account got the token.
 */
function addOurClaims(
  { clock }: ProviderDeps,
  ctx: KoaContextWithOIDC | undefined,
  token: object,
  parts: { payload: Record<string, unknown> },
): void {
  const { kind, grantId, client, amr } = token as {
    kind?: string;
    grantId?: string;
    client?: { credential?: number };
    amr?: unknown;
  };
  // At a refresh it is the refresh token that remembers how the log-in was made.
  const proofs = amr ?? (ctx?.oidc?.entities.RefreshToken as { amr?: unknown } | undefined)?.amr;
  parts.payload = {
    ...fromMachineTime(clock, parts.payload),
    ...(grantId ? { grant_id: grantId } : {}),
    ...(proofs ? { amr: proofs } : {}),
    ...(kind === "ClientCredentials" ? { credential: client?.credential } : {}),
  };
}

function features(deps: ProviderDeps): Configuration["features"] {
  const { publicUrl, signingKeys } = deps;
  const known = { publicUrl, scopes: [...openIdScopes, ...permissionNames] };
  return {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    // Refresh tokens; access tokens are answered by `answerAccessTokens`.
    introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    pushedAuthorizationRequests: { enabled: false },
    revocation: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) => {
        const { grantId, accountId } = token as { grantId?: string; accountId?: string };
        requireOwnToken(client, token.clientId);
        if (token.clientId === client.clientId && grantId && accountId)
          await deps.endLogin({ grantId, userId: accountId }, "token-revoked");
        // Nothing is left for oidc-provider to take away.
        return false;
      },
    },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    // One resource: this API. It makes every access token a JWT for it.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => publicUrl,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource) => {
        requireKnownRequest(ctx, resource, known);
        return ourApi(publicUrl, signingKeys[0].kid);
      },
    },
  };
}

/** RFC 7009, 2.1. A public client proves nothing and is told nothing. @throws invalid_request */
export function requireOwnToken(client: { clientId: string; clientAuthMethod?: string }, ownerId?: string): void {
  if (ownerId !== client.clientId && client.clientAuthMethod !== "none")
    throw new errors.InvalidRequest("client is not authorized to revoke the presented token");
}

/** What access tokens for this API look like. */
export function ourApi(publicUrl: string, kid: string) {
  return {
    // With `openid` among them, a token that an app asked for that alone is not one without scope.
    scope: ["openid", ...permissionNames].join(" "),
    audience: publicUrl,
    accessTokenTTL: tokenLifetimes.accessTokenSeconds,
    accessTokenFormat: "jwt" as const,
    jwt: { sign: { alg: "ES256" as const, kid } },
  };
}
