import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";
import * as common from "../errors/common.ts";
import { DeclaredError, type ErrorDeclaration, type Occurrence } from "../errors/index.ts";

/** A problem document (RFC 9457) with our three members beside the standard ones. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  errorCode: string;
  traceId: string;
  errors?: Record<string, string[]>;
  [extension: string]: unknown;
};

/** Builds the document of one error. `instance` names the request, not the path: paths may carry personal data. */
export function toProblem(error: DeclaredError, requestId: string, publicUrl: string): Problem {
  const { declaration, occurrence } = error;
  return {
    type: `${publicUrl}/docs/errors/${declaration.code}`,
    title: declaration.title,
    status: declaration.status,
    detail: occurrence.detail ?? defaultDetail(declaration, occurrence),
    instance: `urn:uuid:${requestId}`,
    errorCode: declaration.code,
    traceId: requestId,
    ...(occurrence.errors ? { errors: occurrence.errors } : {}),
    ...occurrence.extensions,
  };
}

function defaultDetail(declaration: ErrorDeclaration, occurrence: Occurrence): string {
  const fields = Object.keys(occurrence.errors ?? {});
  return fields.length > 0 ? `${declaration.title}: ${fields.slice(0, 10).join(", ")}.` : declaration.remedy;
}

/** Sends the document with the headers that its status asks for. */
export function sendProblem(reply: FastifyReply, error: DeclaredError, publicUrl: string): FastifyReply {
  const { status } = error.declaration;
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="usher"');
  const retryAfter = error.occurrence.retryAfterSeconds ?? (status === 503 ? 2 : undefined);
  if (retryAfter !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  return reply
    .code(status)
    .header("cache-control", "no-store")
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(toProblem(error, reply.request.id, publicUrl));
}

/** Fastify's own refusals, in our words. */
const byFrameworkCode: Record<string, (cause: unknown) => DeclaredError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (cause) => common.bodyTooLarge({ cause }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) => common.unsupportedMediaType({ cause }),
  FST_ERR_CTP_EMPTY_JSON_BODY: (cause) => common.malformedJson({ detail: "The body is empty.", cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    common.malformedJson({ detail: "The body does not have its announced length.", cause }),
  FST_ERR_BAD_URL: (cause) => common.invalidRequest({ errors: { path: ["is not a valid URL path"] }, cause }),
  FST_ERR_MAX_PARAM_LENGTH: (cause) =>
    common.invalidRequest({ errors: { path: ["has a segment that is too long"] }, cause }),
  FST_ERR_ASYNC_CONSTRAINT: (cause) => common.invalidRequest({ cause }),
};

/**
 * PostgreSQL or the way to it is not there (SQLSTATE classes 08, 53, 57P and socket errors), or it ended one of two
 * transactions that waited for each other (40P01). Fail closed, and say when to come back.
 */
const outage = /^(08|53|57P|40P01|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/;

/** The driver's own words for a connection that could not be had or is gone; it gives them no code. */
const lostConnection =
  /^(timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error)/;

/** Maps whatever was thrown to a declared error. Unknown ones say nothing of their inside. */
export function toDeclaredError(thrown: unknown): DeclaredError {
  if (thrown instanceof DeclaredError) return thrown;
  const { code, message, statusCode, syscall } = thrown as Record<string, unknown>;
  const known = typeof code === "string" ? byFrameworkCode[code] : undefined;
  if (known) return known(thrown);
  // "connect" to a socket in a folder finds none there when its server is down.
  if (typeof code === "string" && (outage.test(code) || (code === "ENOENT" && syscall === "connect"))) {
    return common.unavailable({ cause: thrown });
  }
  if (typeof message === "string" && lostConnection.test(message)) {
    return common.unavailable({ cause: thrown });
  }
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 && STATUS_CODES[statusCode]) {
    return common.invalidRequest({ cause: thrown });
  }
  return common.internalError({ cause: thrown });
}
