import type { Clock } from "../../../foundation/clock/index.ts";
import type { Cursors } from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { closed, ok, type Route } from "../../../foundation/http/index.ts";
import { admin, anyCaller, type Caller, callerKey, route } from "../../access/index.ts";
import type { Journal } from "../../journal/index.ts";
import { ladderRefused, userNotFound } from "../errors.ts";
import { userParams } from "../schemas.ts";
import { arbitratorNotFound } from "./errors.ts";
import { type FindPrimaryWallets, listArbitrators } from "./list-arbitrators.ts";
import { arbitratorListSchema, arbitratorQuerySchema, verificationOrderSchema, verificationSchema } from "./schemas.ts";
import { verifyArbitrator } from "./verify-arbitrator.ts";

/** What the arbitrators' endpoints need; the wallets come from a room above. */
export type ArbitratorsDeps = {
  db: Db;
  clock: Clock;
  cursors: Cursors;
  journal: Journal;
  findPrimaryWallets: FindPrimaryWallets;
};

/** The directory of arbitrators. */
export function arbitratorsRoutes(deps: ArbitratorsDeps): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/arbitrators",
      summary: "List verified arbitrators, or find one by exact e-mail address or name",
      tag: "Arbitrators",
      access: anyCaller,
      query: arbitratorQuerySchema,
      answers: { 200: arbitratorListSchema },
      handle: async ({ query, caller }) => ok(await listArbitrators(deps, callerKey(caller), query)),
    }),
    route({
      method: "PUT",
      path: "/users/:user_id/arbitrator/verification",
      summary: "Record due diligence on an arbitrator",
      tag: "Arbitrators",
      access: admin,
      params: userParams,
      body: verificationOrderSchema,
      answers: { 200: closed({ userId: userParams.properties.user_id, verification: verificationSchema }) },
      errors: [userNotFound, arbitratorNotFound, ladderRefused],
      handle: async ({ params, body, caller, requestId }) => {
        const userId = params.user_id.toLowerCase();
        await verifyArbitrator(deps, { userId, ...body, caller, requestId });
        return ok({ userId, verification: body.verification });
      },
    }),
  ];
}
