import type { Server } from "node:http";
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import type { Ids } from "../ids/index.ts";
import type { Logger } from "../logging/index.ts";
import { answerClientErrors } from "./answer-client-errors.ts";
import { sendProblem, toDeclaredError } from "./problems.ts";
import { readJson } from "./read-json.ts";
import { securityHeaders } from "./security-headers.ts";
import { compileValidator } from "./validation.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Set by `mountRoutes`: the route has an access rule. */
    access?: string;
    /** The handler gets the exact bytes of the body. */
    rawBody?: boolean;
    /** For the OpenAPI document only: what is read without a schema. */
    described?: { headers?: TSchema; body?: TSchema };
    /** A library owns the route, or it is a page: it answers for itself, and the name says who. */
    delegated?: string;
  }
  interface FastifyRequest {
    /** The exact bytes of the body, for signatures and idempotency. */
    bodyBytes?: Buffer;
    /** What kind of caller was found; for the log. */
    callerKind?: "anonymous" | "user" | "service" | "provider";
  }
}

/** Bounds of one process; `api.md` and `reliability.md` name the threats. */
const limits = {
  bodyBytes: 256 * 1024,
  requestMilliseconds: 20_000,
  connectionMilliseconds: 60_000,
  keepAliveMilliseconds: 72_000,
  connections: 4_000,
};

export type ServerOptions = {
  ids: Ids;
  log: Logger;
  publicUrl: string;
  /** Addresses or hop count of proxies whose X-Forwarded-For is believed; false for none. */
  trustProxy: boolean | string;
};

/**
 * The bare server: strict bodies, problem documents for every refusal, limits, one log line a request.
 *
 * Hooks that every request passes through call back rather than being async: each promise costs as much as the hook.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const settings: FastifyHttpOptions<Server> = {
    logger: false,
    genReqId: () => options.ids.requestId(),
    trustProxy: options.trustProxy,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMilliseconds,
    connectionTimeout: limits.connectionMilliseconds,
    keepAliveTimeout: limits.keepAliveMilliseconds,
    maxRequestsPerSocket: 0,
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: false },
    // A stopping server still answers what has come in; new connections are refused by the closed socket.
    return503OnClosing: false,
    clientErrorHandler: answerClientErrors(options),
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply.headers(securityHeaders), toDeclaredError(error), options.publicUrl);
    },
  };
  const app = Fastify(settings);
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(compileValidator);
  readBodiesStrictly(app);
  answerErrorsAsProblems(app, options);
  logEachRequest(app, options.log);
  letConnectionsGo(app);
  refuseUndeclaredRoutes(app);
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  return app;
}

function readBodiesStrictly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    request.bodyBytes = body;
    if (request.routeOptions.config.rawBody) return done(null, body);
    try {
      done(null, body.length === 0 ? undefined : readJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

function answerErrorsAsProblems(app: FastifyInstance, options: ServerOptions): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = toDeclaredError(thrown);
    if (error.declaration.status >= 500) {
      options.log.error("request failed", {
        error: thrown,
        requestId: request.id,
        route: request.routeOptions.url,
        errorCode: error.declaration.code,
      });
    }
    return sendProblem(reply, error, options.publicUrl);
  });
}

function logEachRequest(app: FastifyInstance, log: Logger): void {
  app.addHook("onResponse", (request, reply, done) => {
    if (request.routeOptions.config.delegated === "probe") return done();
    log.info("request", {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? "(none)",
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      caller: request.callerKind ?? "anonymous",
    });
    done();
  });
}

/**
 * Requests that were running when the stop began are answered with `Connection: close`: kept open for a next request,
 * their connections would hold the stop up until the keep-alive ends. (Fastify says so to later requests by itself.)
 */
function letConnectionsGo(app: FastifyInstance): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (stopping) reply.header("connection", "close");
    done(null, payload);
  });
}

/** A route that nobody thought about must not come to life: the process stops at boot. */
function refuseUndeclaredRoutes(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    if (route.config?.delegated) return;
    const place = `${String(route.method)} ${route.url}`;
    if (!route.config?.access)
      throw new Error(`${place} has no access rule: define it with a Route, or declare who answers for it.`);
    if (!route.schema?.response) throw new Error(`${place} has no response schema: describe its answers.`);
  });
}
