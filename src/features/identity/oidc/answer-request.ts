import type { Context, Middleware } from "koa";
import type { KoaContextWithOIDC } from "oidc-provider";
import { toDeclaredError } from "../../../foundation/http/problems.ts";
import type { Logger } from "../../../foundation/logging/index.ts";
import type { RecordTransactions } from "./record-transactions.ts";

/**
 * What surrounds every request to oidc-provider: our own address in place of whatever the request claims, one
 * transaction that is kept unless the server failed, and failures in OAuth's own form (RFC 6749 section 5.2).
 */
export function answerRequest(deps: { publicUrl: string; log: Logger; transactions: RecordTransactions }): Middleware {
  const address = new URL(deps.publicUrl);
  return async (ctx, next) => {
    claimAddress(ctx, address);
    try {
      await deps.transactions.alone(async () => {
        await next();
        return ctx.status < 500;
      });
    } catch (error) {
      ctx.state.failure = error;
    }
    if (ctx.state.failure !== undefined) answerFailure(ctx, ctx.state.failure, deps.log);
  };
}

/** Host, X-Forwarded-* and an absolute request target come from the caller, and discovery would repeat them. */
function claimAddress(ctx: Context, address: URL): void {
  const { headers } = ctx.req;
  headers.host = address.host;
  headers["x-forwarded-proto"] = address.protocol.slice(0, -1);
  delete headers["x-forwarded-host"];
  delete headers["x-forwarded-for"];
  ctx.req.url = ctx.path + ctx.search;
  ctx.originalUrl = ctx.request.originalUrl = ctx.req.url;
  ctx.mountPath = address.pathname.replace(/\/$/, "");
}

function answerFailure(ctx: Context, failure: unknown, log: Logger): void {
  log.error("authorization server failed", { error: failure, route: routeOf(ctx), method: ctx.method });
  const { status } = toDeclaredError(failure).declaration;
  ctx.status = status === 503 ? 503 : 500;
  if (ctx.status === 503) ctx.set("retry-after", "2");
  ctx.body = {
    error: ctx.status === 503 ? "temporarily_unavailable" : "server_error",
    error_description: "The authorization server cannot answer now; nothing was changed. Try again.",
  };
}

function routeOf(ctx: Context): string | undefined {
  return (ctx as unknown as KoaContextWithOIDC).oidc?.route;
}
