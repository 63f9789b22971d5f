import type { Context, Middleware } from "koa";
import { errors, type KoaContextWithOIDC } from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import { requireOwnToken } from "./create-provider.ts";
import type { FindAccountDeps } from "./find-account.ts";
import { readTokenState } from "./read-token-state.ts";
import { revokeServiceToken } from "./revoked-tokens.ts";
import type { AccessTokenVerifier, VerifiedToken } from "./verify-access-token.ts";

export type AnswerDeps = FindAccountDeps & {
  clock: Clock;
  hash: KeyedHash;
  publicUrl: string;
  verifier: AccessTokenVerifier;
};

type AskingClient = { clientId: string; clientAuthMethod?: string; scope?: string };

/**
 * Introspection (RFC 7662) and revocation (RFC 7009) of our access tokens. oidc-provider proves the client and reads
 * the form, then refuses every JWT with `unsupported_token_type`: that refusal is where this takes over.
 */
export function answerAccessTokens(deps: AnswerDeps): Middleware {
  return async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    if ((ctx.body as { error?: unknown } | undefined)?.error !== "unsupported_token_type" || !oidc?.client) return;
    const { client, params, route } = oidc as unknown as {
      client: AskingClient;
      params: { token: string };
      route: string;
    };
    const token = await findOurs(deps.verifier, params.token);
    if (route === "introspection") answer(ctx, token ? await introspect(deps, client, token) : { active: false });
    else if (route === "revocation") await answerRevocation(deps, ctx, client, token);
  };
}

function answer(ctx: Context, body: unknown): void {
  ctx.status = 200;
  ctx.body = body;
}

/** Undefined for everything that does not count; what failed on our side is thrown on. */
async function findOurs(verifier: AccessTokenVerifier, token: string): Promise<VerifiedToken | undefined> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof DeclaredError && error.declaration.status === 401) return undefined;
    throw error;
  }
}

/** Own tokens are told of to every client, those of others to holders of `tokens.introspect`. */
async function introspect(deps: AnswerDeps, client: AskingClient, token: VerifiedToken): Promise<object> {
  const mayAsk = token.clientId === client.clientId || client.scope?.split(" ").includes("tokens.introspect") === true;
  const trx: Db = await deps.transactions.current();
  const state = mayAsk ? await readTokenState({ ...deps, db: trx }, token) : undefined;
  if (!state) return { active: false };
  return {
    active: true,
    iss: deps.publicUrl,
    aud: deps.publicUrl,
    sub: token.kind === "user" ? token.userId : token.clientId,
    client_id: token.clientId,
    scope: state.permissions.join(" "),
    token_type: "Bearer",
    jti: token.tokenId,
    iat: token.issuedAt.getTime() / 1000,
    exp: token.expiresAt.getTime() / 1000,
  };
}

/** A token that does not count is answered as revoked (RFC 7009, 2.2). */
async function answerRevocation(
  deps: AnswerDeps,
  ctx: Context,
  client: AskingClient,
  token: VerifiedToken | undefined,
): Promise<void> {
  try {
    if (token) requireOwnToken(client, token.clientId);
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    ctx.status = 400;
    ctx.body = { error: error.error, error_description: error.error_description };
    return;
  }
  if (token?.clientId === client.clientId) {
    if (token.kind === "user") await deps.endLogin(token, "token-revoked");
    else await revokeServiceToken(deps, await deps.transactions.current(), token);
  }
  answer(ctx, "");
}
