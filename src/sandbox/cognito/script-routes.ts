import type { FastifyInstance } from "fastify";
import { type FaultKind, type Faults, faultKinds } from "./faults.ts";
import { operations } from "./operations.ts";
import type { Pool } from "./pool.ts";

/** The double's own JSON calls, for scripts: who is there, which codes were mailed, and faults. Cognito has nothing like this. */
export async function registerScriptRoutes(app: FastifyInstance, { pool, faults }: { pool: Pool; faults: Faults }) {
  app.get("/", (_request, reply) =>
    reply.send({
      service: "Double of Amazon Cognito user pools, for sandbox mode and tests",
      userPoolId: pool.store.identity.userPoolId,
      clientId: pool.store.identity.clientId,
      issuer: pool.issuer,
      scripts: ["GET /sandbox/accounts", "GET /sandbox/codes?email=", "POST /sandbox/faults", "DELETE /sandbox/faults"],
    }),
  );

  app.get("/sandbox/accounts", (_request, reply) =>
    reply.send({
      accounts: pool.store
        .listAccounts()
        .map(({ sub, email, status, enabled, emailVerified }) => ({ sub, email, status, enabled, emailVerified })),
    }),
  );

  app.get<{ Querystring: { email?: string } }>("/sandbox/codes", (request, reply) => {
    const account = pool.store.findAccount(request.query.email ?? "");
    if (!account) return reply.code(404).send({ error: "No account has this e-mail address" });
    return reply.send({
      signUp: account.codes.signUp?.code ?? null,
      forgotPassword: account.codes.forgotPassword?.code ?? null,
    });
  });

  app.post<{ Body: { operation?: string; kind?: FaultKind; times?: number } | undefined }>(
    "/sandbox/faults",
    (request, reply) => {
      const { operation = "", kind, times = 1 } = request.body ?? {};
      if (!Object.hasOwn(operations, operation) || !kind || !faultKinds.includes(kind))
        return reply
          .code(400)
          .send({ error: `Send {operation, kind, times}; kind is one of ${faultKinds.join(", ")}` });
      faults.add({ operation, kind, times });
      return reply.code(204).send();
    },
  );

  app.delete("/sandbox/faults", (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}
