import { Type } from "typebox";
import { closed, created, ok, type Route } from "../../../foundation/http/index.ts";
import { admin, type Caller, route } from "../../access/index.ts";
import { changeServiceAccount } from "./change-service-account.ts";
import { createServiceAccount } from "./create-service-account.ts";
import { deleteServiceAccount } from "./delete-service-account.ts";
import { serviceAccountNotFound } from "./errors.ts";
import { listServiceAccounts } from "./list-service-accounts.ts";
import { rotateCredential } from "./rotate-credential.ts";
import {
  accountListSchema,
  accountParams,
  accountSchema,
  changeSchema,
  createSchema,
  issuedSchema,
  rotateSchema,
} from "./schemas.ts";
import type { ServiceAccountDeps } from "./service-account-deps.ts";

/** Service accounts: made, listed, changed, rotated and deleted by operators. */
export function serviceAccountRoutes(deps: ServiceAccountDeps): Route<Caller>[] {
  const shared = { tag: "Service accounts", access: admin } as const;
  return [
    route({
      ...shared,
      method: "POST",
      path: "/service-accounts",
      summary: "Create a service account; its secret is shown this once",
      idempotent: true,
      body: createSchema,
      answers: { 201: issuedSchema },
      handle: async ({ body, caller, once, requestId }) =>
        created(await createServiceAccount(deps, { body, caller, once, requestId })),
    }),
    route({
      ...shared,
      method: "GET",
      path: "/service-accounts",
      summary: "List service accounts, oldest first",
      query: closed({
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
        last_evaluated_key: Type.Optional(Type.String({ maxLength: 200 })),
      }),
      answers: { 200: accountListSchema },
      handle: async ({ query }) =>
        ok(await listServiceAccounts(deps, { limit: query.limit, after: query.last_evaluated_key })),
    }),
    ...oneAccountRoutes(deps),
  ];
}

function oneAccountRoutes(deps: ServiceAccountDeps): Route<Caller>[] {
  const shared = { tag: "Service accounts", access: admin, params: accountParams, errors: [serviceAccountNotFound] };
  return [
    route({
      ...shared,
      method: "PUT",
      path: "/service-accounts/:client_id",
      summary: "Change name, permissions or callback origins",
      body: changeSchema,
      answers: { 200: accountSchema },
      handle: async ({ params, body, caller, requestId }) =>
        ok(await changeServiceAccount(deps, { clientId: params.client_id, body, caller, requestId })),
    }),
    route({
      ...shared,
      method: "DELETE",
      path: "/service-accounts/:client_id",
      summary: "Delete a service account; its tokens count no more",
      answers: { 200: closed({ message: Type.String({ examples: ["Service account deleted"] }) }) },
      handle: async ({ params, caller, requestId }) => {
        await deleteServiceAccount(deps, { clientId: params.client_id, caller, requestId });
        return ok({ message: "Service account deleted" });
      },
    }),
    route({
      ...shared,
      method: "POST",
      path: "/service-accounts/:client_id/rotate",
      summary: "Give it a new secret or key; the old one and its tokens count no more",
      idempotent: true,
      body: rotateSchema,
      bodyOptional: true,
      answers: { 201: issuedSchema },
      handle: async ({ params, body, caller, once, requestId }) =>
        created(
          await rotateCredential(deps, {
            clientId: params.client_id,
            publicKey: body.public_key,
            caller,
            once,
            requestId,
          }),
        ),
    }),
  ];
}
