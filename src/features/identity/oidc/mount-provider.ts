import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { tooManyRequests } from "../../../foundation/errors/common.ts";
import { type Budget, handOver, type RateLimits } from "../../../foundation/http/index.ts";
import type { AskProvider } from "./refresh-tokens.ts";

/** What of the authorization server is in use. Its further endpoints come to life by a line here. */
const served: readonly { url: string; method: string[]; budget: Budget }[] = [
  { url: "/.well-known/openid-configuration", method: ["GET", "OPTIONS"], budget: "general" },
  { url: "/oidc/jwks", method: ["GET", "OPTIONS"], budget: "general" },
  { url: "/oidc/token", method: ["POST", "OPTIONS"], budget: "general" },
  // A gateway may ask for every request that passes it.
  { url: "/oidc/introspection", method: ["POST", "OPTIONS"], budget: "gate" },
  { url: "/oidc/revocation", method: ["POST", "OPTIONS"], budget: "general" },
];

/**
 * Mounts the authorization server. It reads bodies itself (forms, at most 56 KiB) and answers in OAuth's form, refusals
 * included; only a spent budget is answered as one of our problem documents.
 */
export function mountProvider(app: FastifyInstance, deps: { ask: AskProvider; rateLimits: RateLimits }): void {
  app.register(async (plugin) => {
    plugin.removeAllContentTypeParsers();
    plugin.addContentTypeParser("*", (_request, _body, done) => done(null));
    for (const { url, method, budget } of served) {
      plugin.route({
        url,
        method,
        config: { delegated: "authorization server" },
        onRequest: (request, reply) => spendBudget(deps.rateLimits, budget, request, reply),
        handler: (request, reply) => {
          deps.ask(request.raw, handOver(reply));
        },
      });
    }
  });
}

async function spendBudget(
  rateLimits: RateLimits,
  budget: Budget,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const verdict = await rateLimits.spend(budget, request.ip, request);
  for (const [name, value] of Object.entries(verdict.headers ?? {})) reply.raw.setHeader(name, value);
  if (verdict.exceeded) throw tooManyRequests({ retryAfterSeconds: verdict.resetSeconds });
}
