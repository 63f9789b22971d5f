import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiAnswer, ApiDeps, ApiEndpoint } from "./api-endpoint.ts";
import { type ApiFailure, badFields, failures } from "./api-errors.ts";
import { answerCustomers } from "./customer-routes.ts";
import { judgeKey, type KeyedRequest, keepAnswer } from "./idempotency.ts";
import { answerLinks } from "./link-routes.ts";
import { answerWebhooks } from "./webhook-routes.ts";

/** Bridge's own calls under /v0. */
export async function registerApiRoutes(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  // The Idempotency-Key covers the exact bytes, so the body stays raw until the key is judged.
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const failure =
      error.statusCode && error.statusCode < 500 ? badFields({ body: error.message }) : failures.unexpected;
    return reply.code(error.statusCode ?? failure.status).send(failure.body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(failures.notFound.body));
  app.addHook("onRequest", async (request, reply) => {
    const failure = checkApiKey(deps.store.apiKey, request);
    if (failure) return reply.code(failure.status).send(failure.body);
  });
  for (const endpoint of [...answerCustomers(deps), ...answerLinks(deps), ...answerWebhooks(deps)])
    mount(app, deps, endpoint);
}

function mount(app: FastifyInstance, deps: ApiDeps, endpoint: ApiEndpoint): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const keyed: KeyedRequest = {
        method: request.method,
        url: request.url,
        key: request.headers["idempotency-key"],
        bytes,
      };
      const verdict = judgeKey(deps, keyed);
      if (verdict.kind === "refused") return reply.code(verdict.failure.status).send(verdict.failure.body);
      reply.type("application/json");
      if (verdict.kind === "known") return reply.code(verdict.answer.status).send(verdict.answer.body);
      const parsed = parseJson(bytes);
      const { params, query } = request as { params: Record<string, string>; query: Record<string, string> };
      const answer: ApiAnswer =
        parsed === notJson ? badFields({ body: "is not JSON" }) : endpoint.answer({ body: parsed, params, query });
      const body = JSON.stringify(answer.body);
      keepAnswer(deps, keyed, { status: answer.status, body });
      await reply.code(answer.status).send(body);
      // Bridge tells of what happened on its own time; the caller does not wait for it.
      await answer.after?.();
      return reply;
    },
  });
}

const notJson = Symbol("not JSON");

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return notJson;
  }
}

function checkApiKey(apiKey: string, { headers }: FastifyRequest): ApiFailure | undefined {
  const given = headers["api-key"];
  if (typeof given !== "string" || given === "") return failures.noKey;
  const [a, b] = [Buffer.from(given), Buffer.from(apiKey)];
  return a.length === b.length && timingSafeEqual(a, b) ? undefined : failures.badKey;
}
