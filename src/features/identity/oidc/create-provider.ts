import type { JWK } from "jose";
import Provider, { type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash, SigningKey } from "../../../foundation/crypto/index.ts";
import type { Logger } from "../../../foundation/logging/index.ts";
import { answerRequest } from "./answer-request.ts";
import { type FindAccountDeps, findAccount } from "./find-account.ts";
import { fromMachineTime } from "./machine-time.ts";
import { createRecordAdapter } from "./record-adapter.ts";
import type { RecordTransactions } from "./record-transactions.ts";
import { refreshTokenLifetime, tokenLifetimes } from "./token-lifetimes.ts";

/** The public client that log-in, refresh and log-out of our own apps go through. */
export const firstPartyClientId = "usher";

export type ProviderDeps = FindAccountDeps & {
  clock: Clock;
  log: Logger;
  hash: KeyedHash;
  transactions: RecordTransactions;
  publicUrl: string;
  /** ES256, newest first: the first one signs, all are published. */
  signingKeys: readonly [SigningKey, ...SigningKey[]];
  /** Signs the cookies of log-in pages; 32 bytes. */
  cookieKey: Buffer;
};

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
  return provider;
}

function configure(deps: ProviderDeps): Configuration {
  return {
    adapter: (model: string) =>
      createRecordAdapter({ ...deps, reused: (owner) => deps.endLogin(owner, "refresh-token-reused") }, model),
    // Further clients (service accounts, apps of others) are found through the adapter.
    clients: [
      {
        client_id: firstPartyClientId,
        token_endpoint_auth_method: "none",
        grant_types: ["refresh_token"],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientAuthMethods: ["none"],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    clientBasedCORS: (_ctx, origin) => origin === new URL(deps.publicUrl).origin,
    cookies: { keys: [deps.cookieKey.toString("base64url")] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    features: features(deps),
    findAccount: (_ctx, accountId, token) => findAccount(deps, accountId, token),
    formats: {
      customizers: {
        // RFC 9068; `grant_id` names the log-in, so that every request can ask whether it still stands.
        jwt: (_ctx, token, parts) => {
          const grantId = "grantId" in token ? token.grantId : undefined;
          parts.payload = { ...fromMachineTime(deps.clock, parts.payload), ...(grantId ? { grant_id: grantId } : {}) };
        },
      },
    },
    jwks: { keys: deps.signingKeys.map((key): JWK => ({ ...key })) },
    renderError: (ctx, out) => {
      ctx.body = out;
    },
    responseTypes: [],
    rotateRefreshToken: true,
    routes: { token: "/oidc/token", jwks: "/oidc/jwks", authorization: "/oidc/auth", end_session: "/oidc/session/end" },
    scopes: ["openid", "offline_access"],
    ttl: {
      AccessToken: tokenLifetimes.accessTokenSeconds,
      Grant: tokenLifetimes.loginSeconds,
      RefreshToken: (_ctx, token) => refreshTokenLifetime(token.totalLifetime()),
    },
  };
}

function features({ publicUrl, signingKeys: [newest] }: ProviderDeps): Configuration["features"] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    // One resource: this API. It makes every access token a JWT for it.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => publicUrl,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ourApi(publicUrl, newest.kid),
    },
  };
}

/** What access tokens for this API look like. */
export function ourApi(publicUrl: string, kid: string) {
  return {
    scope: "",
    audience: publicUrl,
    accessTokenTTL: tokenLifetimes.accessTokenSeconds,
    accessTokenFormat: "jwt" as const,
    jwt: { sign: { alg: "ES256" as const, kid } },
  };
}
