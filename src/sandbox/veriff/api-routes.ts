import { randomBytes, randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { API_FAILURES, type ApiFailure, about } from "./api-errors.ts";
import { microsecondsAt } from "./microseconds.ts";
import { readSessionRequest, type SessionRequest } from "./read-session-request.ts";
import type { Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import { hostedUrl } from "./session-view.ts";
import { signatureFits, signedHeaders } from "./signature.ts";

type ApiDeps = {
  store: SessionStore;
  clock: { now(): Date };
  apiKey: string;
  sharedSecret: string;
  publicUrl: () => string;
  allowHttpCallbacks: boolean;
  /** Told of each session after its answer. */
  opened?: (session: Session) => void;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Veriff's own calls: POST /v1/sessions and GET /v1/sessions/{id}/decision. Every answer to a known client is signed. */
export async function registerApiRoutes(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  // The signature covers the exact bytes, so the body stays raw until it is checked.
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const answer = (reply: FastifyReply, httpStatus: number, content: unknown) => {
    const body = JSON.stringify(content);
    return reply.code(httpStatus).headers(signedHeaders(deps, body)).send(body);
  };
  const fail = (reply: FastifyReply, failure: ApiFailure) => {
    const { httpStatus, code, message } = failure;
    return answer(reply, httpStatus, { status: "fail", code, message });
  };
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    fail(reply, { ...about(API_FAILURES.invalid, error.message), httpStatus: error.statusCode ?? 500 }),
  );
  app.setNotFoundHandler((_request, reply) =>
    fail(reply, { httpStatus: 404, code: "1104", message: "This double knows POST /v1/sessions and GET …/decision" }),
  );

  app.post("/sessions", (request, reply) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const failure = checkClient(deps.apiKey, request) ?? checkBodySignature(deps.sharedSecret, request, bytes);
    if (failure) return fail(reply, failure);
    const checked = readSessionRequest(deps, parseJson(bytes));
    if ("failure" in checked) return fail(reply, checked.failure);
    const session = createSession(deps, checked.request);
    // Veriff, too, is slower with its webhooks than with its answer.
    reply.raw.once("close", () => deps.opened?.(session));
    return answer(reply, 201, { status: "success", verification: createdView(deps.publicUrl(), session) });
  });

  app.get<{ Params: { id: string } }>("/sessions/:id/decision", (request, reply) => {
    const { id } = request.params;
    const failure =
      checkClient(deps.apiKey, request) ?? checkIdSignature(deps.sharedSecret, request, id) ?? checkId(id);
    if (failure) return fail(reply, failure);
    const session = deps.store.findSession(id);
    if (!session) return fail(reply, API_FAILURES.unknownSession);
    return answer(reply, 200, { status: "success", verification: session.decision?.verification ?? null });
  });
}

function createSession({ store, clock }: ApiDeps, request: SessionRequest): Session {
  const session: Session = {
    id: randomUUID(),
    token: randomBytes(32).toString("base64url"),
    createdAt: microsecondsAt(clock.now()),
    status: "created",
    ...request,
    attempts: [{ id: randomUUID(), submittedAt: null }],
    decision: null,
    deliveries: [],
  };
  store.saveSession(session);
  return session;
}

function createdView(publicUrl: string, session: Session) {
  const { id, vendorData, status, token } = session;
  return { id, url: hostedUrl(publicUrl, session), vendorData, host: publicUrl, status, sessionToken: token };
}

function checkClient(apiKey: string, request: FastifyRequest): ApiFailure | undefined {
  const client = request.headers["x-auth-client"];
  if (typeof client !== "string" || client === "") return API_FAILURES.noClient;
  if (!UUID.test(client)) return API_FAILURES.badClient;
  return client.toLowerCase() === apiKey.toLowerCase() ? undefined : API_FAILURES.unknownClient;
}

// Veriff asks for no signature on POST /sessions, but one that is sent has to fit.
function checkBodySignature(secret: string, request: FastifyRequest, bytes: Buffer): ApiFailure | undefined {
  const signature = request.headers["x-hmac-signature"];
  if (signature === undefined) return undefined;
  return signatureFits(secret, bytes, String(signature)) ? undefined : API_FAILURES.badBodySignature;
}

function checkIdSignature(secret: string, request: FastifyRequest, id: string): ApiFailure | undefined {
  const signature = String(request.headers["x-hmac-signature"] ?? "");
  return signatureFits(secret, id, signature) ? undefined : API_FAILURES.badIdSignature;
}

function checkId(id: string): ApiFailure | undefined {
  if (id.length !== 36) return API_FAILURES.badIdLength;
  return UUID_V4.test(id) ? undefined : API_FAILURES.badId;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // No JSON at all is refused like any other body that is not an object.
    return undefined;
  }
}
