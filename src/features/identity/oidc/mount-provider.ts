import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { tooManyRequests } from "../../../foundation/errors/common.ts";
import { handOver, type RateLimits } from "../../../foundation/http/index.ts";
import type { AskProvider } from "./refresh-tokens.ts";

/** What of the authorization server is in use. Its further endpoints come to life by a line here. */
const served = [
  { url: "/.well-known/openid-configuration", method: ["GET", "OPTIONS"] },
  { url: "/oidc/jwks", method: ["GET", "OPTIONS"] },
  { url: "/oidc/token", method: ["POST", "OPTIONS"] },
];

/**
 * Mounts the authorization server. It reads bodies itself (forms, at most 56 KiB) and answers in OAuth's form, refusals
 * included; only a spent budget is answered as one of our problem documents.
 */
export function mountProvider(app: FastifyInstance, deps: { ask: AskProvider; rateLimits: RateLimits }): void {
  app.register(async (plugin) => {
    plugin.removeAllContentTypeParsers();
    plugin.addContentTypeParser("*", (_request, _body, done) => done(null));
    for (const { url, method } of served) {
      plugin.route({
        url,
        method,
        config: { delegated: "authorization server" },
        onRequest: (request, reply) => spendBudget(deps.rateLimits, request, reply),
        handler: (request, reply) => {
          deps.ask(request.raw, handOver(reply));
        },
      });
    }
  });
}

async function spendBudget(rateLimits: RateLimits, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const verdict = await rateLimits.spend("general", request.ip, request);
  for (const [name, value] of Object.entries(verdict.headers ?? {})) reply.raw.setHeader(name, value);
  if (verdict.exceeded) throw tooManyRequests({ retryAfterSeconds: verdict.resetSeconds });
}
