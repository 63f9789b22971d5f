import { ok, type Route } from "../../../foundation/http/index.ts";
import { admin, anyOf, type Caller, own, route, signedByProvider, type UserCaller } from "../../access/index.ts";
import { userNotFound, userParams } from "../../users/index.ts";
import type { Kyc } from "../create-kyc.ts";
import {
  foreignDelivery,
  providerNotConfigured,
  providerUnavailable,
  verificationDataRefused,
  verificationNotAllowed,
  verificationStarting,
  webhookRefused,
  webhookTooOld,
} from "../errors.ts";
import { getProvider } from "../get-provider.ts";
import { openCustomer } from "./open-customer.ts";
import { bridgeBodySchema, bridgeReceivedSchema, openCustomerSchema, openedCustomerSchema } from "./schemas.ts";

/** Bridge's two endpoints: becoming a customer, and its webhooks. */
export function bridgeRoutes(kyc: Kyc): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/:user_id/bridge-kyc",
      summary: "Make a person a customer of Bridge, or find the customer they are",
      tag: "KYC",
      access: anyOf<UserCaller>(own("user_id"), admin),
      params: userParams,
      body: openCustomerSchema,
      idempotent: true,
      answers: { 200: openedCustomerSchema },
      errors: [
        userNotFound,
        verificationNotAllowed,
        verificationDataRefused,
        verificationStarting,
        providerUnavailable,
        providerNotConfigured,
      ],
      handle: async ({ params, body, caller, once, requestId }) => {
        const { customer_type: _, ...wishes } = body;
        const requestedBy = { kind: "user", id: caller.userId } as const;
        const data = await openCustomer(kyc, { userId: params.user_id, requestedBy, wishes, once, requestId });
        return ok({ status: "success", message: "Bridge KYC started", data });
      },
    }),
    route({
      method: "POST",
      path: "/users/webhook/kyc",
      operationId: "postUsersWebhookKycOfBridge",
      summary: "Receive Bridge's events",
      tag: "KYC",
      access: signedByProvider,
      rawBody: true,
      body: bridgeBodySchema,
      budget: "webhook",
      answers: { 200: bridgeReceivedSchema },
      errors: [webhookRefused, webhookTooOld, foreignDelivery, providerNotConfigured],
      handle: async ({ body, headers, requestId }) => {
        const delivery = { body: Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers };
        const provider = getProvider(kyc.providers, "bridge");
        const { message } = await kyc.receiveWebhook({ provider, delivery, requestId });
        return ok({ status: "success", message, data: {} });
      },
    }),
  ];
}
