import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Faults, refusalOf } from "./faults.ts";
import { operations } from "./operations.ts";
import type { CallBody, Pool } from "./pool.ts";
import { publicKeys } from "./pool-keys.ts";
import { createQuotas } from "./quotas.ts";
import { Refusal, refusals } from "./refusal.ts";

const service = "AWSCognitoIdentityProviderService.";

/** Cognito's wire: `POST /` with x-amz-json-1.1 and the operation in X-Amz-Target, and the pool's public keys. */
export async function registerApiRoutes(app: FastifyInstance, { pool, faults }: { pool: Pool; faults: Faults }) {
  const countRequest = createQuotas(pool.settings);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof Refusal ? error : refusals.internal();
    return answer(reply, refusal.httpStatus, { __type: refusal.type, message: refusal.message });
  });

  app.post("/", async (request, reply) => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const name = target.startsWith(service) ? target.slice(service.length) : "";
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new Refusal("UnknownOperationException", `The double knows no operation ${target}`);
    if (operation.signed && !isSigned(request)) throw refusals.unsigned();
    const fault = faults.take(name);
    const before = fault && !fault.endsWith("-after") ? refusalOf(fault) : undefined;
    if (before) throw before;
    countRequest(operation.quota);
    const output = await operation.run(pool, parse(request));
    if (fault === undefined) return answer(reply, 200, output);
    const after = refusalOf(fault);
    if (after) throw after;
    request.raw.socket.destroy();
    return reply.hijack();
  });

  app.get<{ Params: { pool: string } }>("/:pool/.well-known/jwks.json", (request, reply) => {
    const { identity } = pool.store;
    if (request.params.pool !== identity.userPoolId) return reply.code(404).send({ message: "User pool not found" });
    return reply.send(publicKeys(identity.keys));
  });
}

function isSigned({ headers }: FastifyRequest): boolean {
  return (headers.authorization ?? "").startsWith("AWS4-HMAC-SHA256 ");
}

function parse(request: FastifyRequest): CallBody {
  if (!String(request.headers["content-type"]).startsWith("application/x-amz-json-1.1"))
    throw new Refusal("SerializationException", "Content-Type must be application/x-amz-json-1.1");
  try {
    const body: unknown = JSON.parse(String(request.body));
    if (body !== null && typeof body === "object") return body as CallBody;
  } catch {
    // The same answer as for a body that is no object.
  }
  throw new Refusal("SerializationException", "The body is not a JSON object");
}

function answer(reply: FastifyReply, status: number, content: object) {
  return reply
    .code(status)
    .header("content-type", "application/x-amz-json-1.1")
    .send(Buffer.from(JSON.stringify(content)));
}
