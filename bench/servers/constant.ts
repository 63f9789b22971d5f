/** The yardstick of P1: the same Fastify with the same limits and settings answers a constant, without token and database. */
import Fastify, { type FastifyInstance } from "fastify";
import { createServer } from "../../src/foundation/http/index.ts";
import { randomIds } from "../../src/foundation/ids/index.ts";
import { createLogger } from "../../src/foundation/logging/index.ts";

const boolean = { type: "boolean" };
const flags = {
  isEmailVerified: boolean,
  isPhoneNumberVerified: boolean,
  isScaVerified: boolean,
  isAdditionalData: boolean,
  isOptionalKyc: boolean,
};
const answer = {
  isEmailVerified: true,
  isPhoneNumberVerified: true,
  isScaVerified: false,
  isAdditionalData: true,
  isOptionalKyc: false,
  status: 200,
};
const response = { 200: { type: "object", properties: { ...flags, status: { type: "integer" } } } };

// "bare": Fastify as it comes, without our limits, security headers and problem documents.
const app = process.argv.includes("bare") ? Fastify() : await createUsherServer();
app.get("/User/:id/status", { schema: { response }, config: { access: "anyone" } }, async (_request, reply) => {
  reply.header("cache-control", "no-store");
  return answer;
});
app.get("/livez", { schema: { response: {} }, config: { access: "anyone" } }, async () => "alive");
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
process.once("SIGTERM", () => void app.close());

function createUsherServer(): Promise<FastifyInstance> {
  const log = createLogger({ level: "error" });
  return createServer({ ids: randomIds, log, publicUrl: "http://127.0.0.1", trustProxy: false });
}
