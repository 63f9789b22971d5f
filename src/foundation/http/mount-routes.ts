import { createHmac } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type TSchema, Type } from "typebox";
import type { KeyedHash } from "../crypto/index.ts";
import type { Once } from "../database/run-once.ts";
import { forbidden, invalidRequest, tooManyRequests, unauthenticated } from "../errors/common.ts";
import { DeclaredError } from "../errors/index.ts";
import { describeRequest, describeRoute } from "./openapi.ts";
import type { RateLimits } from "./rate-limits.ts";
import { refuseUnstorable } from "./read-json.ts";
import type { Route } from "./route.ts";

/** What the routes need from the outside: who a token belongs to, and how callers are told apart. */
export type RouteHost<Caller> = {
  /**
   * Calls `counts` as soon as the token itself counts, before its holder's rights are read.
   *
   * @throws unauthenticated, or an account error, when the token does not count
   */
  authenticate(token: string, counts: () => void): Promise<Caller>;
  /** A stable text for budgets and idempotency: one per caller, whatever their token. */
  callerKey(caller: Caller): string;
  callerKind(caller: Caller): "user" | "service";
  /** Refuses callers who lack something that is asked of them first; not asked by routes for making that good. */
  requireReady?(caller: Caller): void;
  hash: KeyedHash;
  rateLimits: RateLimits;
};

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, once the token counts. Only `mountRoutes` looks here; handlers are given it. */
    caller?: unknown;
    /** Why the token does not count, on a route that says something of its own then. */
    refusal?: DeclaredError;
    /** What the route began to read while the rights were read. */
    ahead?: Promise<unknown>;
  }
}

/** Mounts routes on the server: token, access rule, budget, schemas, handler, in this order. */
export function mountRoutes<Caller>(
  app: FastifyInstance,
  routes: readonly Route<Caller>[],
  host: RouteHost<Caller>,
): void {
  // Declared before the first request, so that all requests have one shape.
  app.decorateRequest("caller", undefined);
  app.decorateRequest("refusal", undefined);
  app.decorateRequest("ahead", undefined);
  for (const route of routes) mountRoute(app, route, host);
}

function mountRoute<Caller>(app: FastifyInstance, route: Route<Caller>, host: RouteHost<Caller>): void {
  app.route({
    method: route.method,
    url: route.path,
    config: { access: route.access.describe, rawBody: route.rawBody === true, described: describeRequest(route) },
    schema: {
      ...(route.body && !route.rawBody ? { body: route.body } : {}),
      ...(route.params ? { params: route.params } : {}),
      querystring: route.query ?? noQuery,
      response: route.answers,
      ...describeRoute(route),
    },
    onRequest: async (request, reply) => {
      const caller = await identifyCaller(request, route, host).catch((error: unknown) => {
        if (!route.withoutCaller || !(error instanceof DeclaredError)) throw error;
        request.refusal = error;
        return undefined;
      });
      await spendBudget(request, reply, route, caller === undefined ? undefined : host.callerKey(caller), host);
      if (caller === undefined) return;
      request.caller = caller;
      request.callerKind = host.callerKind(caller);
      if (!route.enrolment) host.requireReady?.(caller);
      const allowed = route.access.allows(caller, request.params as Record<string, unknown>);
      if (!(typeof allowed === "boolean" ? allowed : await allowed)) {
        throw forbidden({ detail: `This needs: ${route.access.describe}.` });
      }
    },
    preValidation: (request, _reply, done) => {
      admitInput(request, route);
      done();
    },
    handler: async (request, reply) => {
      const caller = request.caller as Caller | undefined;
      const answer = (await route.handle({
        body: request.body,
        params: request.params,
        query: request.query,
        headers: request.headers,
        rawPath: rawPathOf(request),
        caller,
        ahead: request.ahead,
        requestId: request.id,
        source: request.ip,
        once: route.idempotent
          ? readOnce(request, route, caller === undefined ? "anonymous" : host.callerKey(caller), host.hash)
          : undefined,
      })) as { status: number; body: unknown; headers?: Record<string, string> };
      reply.code(answer.status).header("cache-control", "no-store");
      if (answer.headers) reply.headers(answer.headers);
      return answer.body;
    },
  });
}

/** @throws invalid-request, and what the route says of a request without a caller */
function admitInput<Caller>(request: FastifyRequest, route: Route<Caller>): void {
  if (!route.body && !route.rawBody && request.body !== undefined)
    throw invalidRequest({ errors: { body: ["is not taken here"] } });
  if (request.caller === undefined) {
    const refusal = route.withoutCaller?.(request.body, request.refusal);
    if (refusal) throw refusal;
  }
  if (route.bodyOptional && request.body === undefined) request.body = {};
  refuseUnstorable(request.params);
  refuseUnstorable(request.query);
}

/** A request target may also be a whole URL (RFC 9112, 3.2.2). */
function rawPathOf({ originalUrl }: FastifyRequest): string {
  const target = originalUrl.startsWith("/") ? originalUrl : originalUrl.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

const noQuery: TSchema = Type.Object({}, { additionalProperties: false });

/** A token on a route that reads none is ignored; where it is optional, a bad one is still an error. */
async function identifyCaller<Caller>(
  request: FastifyRequest,
  route: Route<Caller>,
  host: RouteHost<Caller>,
): Promise<Caller | undefined> {
  const header = request.headers.authorization;
  if (route.access.token === "none" || (route.access.token === "optional" && header === undefined)) return undefined;
  const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? "")?.[1];
  if (token === undefined) {
    await spendAnonymously(request, host);
    throw unauthenticated({
      detail:
        header === undefined
          ? "There is no Authorization header."
          : "The Authorization header is not `Bearer <token>`.",
    });
  }
  try {
    return await host.authenticate(token, () => readAhead(request, route));
  } catch (error) {
    await spendAnonymously(request, host);
    throw error;
  }
}

function readAhead<Caller>(request: FastifyRequest, route: Route<Caller>): void {
  request.ahead = route.readAhead?.({ rawPath: rawPathOf(request) });
  // Whoever may not have it never looks at it, failed or not.
  request.ahead?.catch(() => undefined);
}

async function spendAnonymously<Caller>(request: FastifyRequest, host: RouteHost<Caller>): Promise<void> {
  const verdict = await host.rateLimits.spend("general", `failed ${request.ip}`, request);
  if (verdict.exceeded) throw tooManyRequests({ retryAfterSeconds: verdict.resetSeconds });
}

async function spendBudget<Caller>(
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route<Caller>,
  callerKey: string | undefined,
  host: RouteHost<Caller>,
): Promise<void> {
  const verdict = await host.rateLimits.spend(route.budget ?? "general", callerKey ?? request.ip, request);
  if (verdict.headers) reply.headers(verdict.headers);
  if (verdict.exceeded) throw tooManyRequests({ retryAfterSeconds: verdict.resetSeconds });
}

/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters. */
function readOnce<Caller>(
  request: FastifyRequest,
  route: Route<Caller>,
  callerKey: string,
  hash: KeyedHash,
): Once | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalidRequest({ errors: { "Idempotency-Key": ["must be 1 to 255 visible ASCII characters"] } });
  }
  const place = `${route.method} ${route.path}`;
  const bodyDigest = createHmac("sha256", "body")
    .update(request.bodyBytes ?? "")
    .digest("hex");
  return {
    keyHash: hash("idempotency-key", place, callerKey, key),
    requestHash: hash("idempotent-request", JSON.stringify(request.params), bodyDigest),
  };
}
