/**
 * What P1 is compared with: the gate as one would write it at first. The same server settings and the same cached token
 * check, then for each request one query for the caller's rights and log-in, and one for the user. Both are prepared.
 */
import { toGateCode } from "../../src/features/lifecycle/index.ts";
import { createServer } from "../../src/foundation/http/index.ts";
import { randomIds } from "../../src/foundation/ids/index.ts";
import { createLogger } from "../../src/foundation/logging/index.ts";
import { openTokens } from "../open-tokens.ts";

const rights = {
  name: "rights",
  text: `select type from users where user_id = $1 and status not in ('inactive', 'blocked', 'closed') and erased_at is null
    and exists (select from oidc_records where model = 'Grant' and grant_id = $2 and expires_at > now())`,
};
const facts = {
  name: "facts",
  text: `select status, email_verified_at is not null as "isEmailVerified", phone_verified_at is not null as "isPhoneNumberVerified",
    sca_verified_at is not null as "isScaVerified", additional_data_at is not null as "isAdditionalData",
    optional_kyc_at is not null as "isOptionalKyc" from users where id = $1`,
};
const boolean = { type: "boolean" };
const flags = {
  isEmailVerified: boolean,
  isPhoneNumberVerified: boolean,
  isScaVerified: boolean,
  isAdditionalData: boolean,
  isOptionalKyc: boolean,
};
const response = { 200: { type: "object", properties: { ...flags, status: { type: "integer" } } } };

const { tokens, connection } = await openTokens(process.env);
const log = createLogger({ level: "error" });
const app = await createServer({ ids: randomIds, log, publicUrl: process.env.PUBLIC_URL ?? "", trustProxy: false });
app.get<{ Params: { id: string } }>(
  "/User/:id/status",
  { schema: { response }, config: { access: "operators" } },
  async (request, reply) => {
    const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
    const verified = await tokens.verifyAccessToken(token);
    if (verified.kind !== "user") return reply.code(403).send();
    const values = [verified.userId, verified.grantId];
    const caller = await connection.pool.query<{ type: string }>({ ...rights, values });
    if (caller.rows[0]?.type !== "internal-admin") return reply.code(403).send();
    const found = await connection.pool.query<{ status: string }>({ ...facts, values: [request.params.id] });
    const [row] = found.rows;
    if (!row) return reply.code(404).send();
    reply.header("cache-control", "no-store");
    return { ...row, status: toGateCode(row.status) };
  },
);
app.get("/livez", { schema: { response: {} }, config: { access: "anyone" } }, async () => "alive");
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
process.once("SIGTERM", () => void app.close().then(() => connection.close()));
