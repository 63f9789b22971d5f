import { ok, type Route } from "../../foundation/http/index.ts";
import { admin, type Caller, route, signedByProvider } from "../access/index.ts";
import type { Kyc } from "./create-kyc.ts";
import { deliveryNotFound, foreignDelivery, webhookRefused } from "./errors.ts";
import { bridgeRoutes } from "./introductions/routes.ts";
import { getDelivery, listDeliveries } from "./list-deliveries.ts";
import { refuseForeignDelivery } from "./refuse-foreign-delivery.ts";
import {
  deliveryListQuery,
  deliveryListSchema,
  deliveryParams,
  deliverySchema,
  receivedSchema,
  veriffBodySchema,
} from "./schemas.ts";

/** The webhook receiver and the inbox. */
export function kycRoutes(kyc: Kyc): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/webhook-kyc",
      summary: "Receive Veriff's events and decisions",
      tag: "KYC",
      access: signedByProvider,
      rawBody: true,
      body: veriffBodySchema,
      budget: "webhook",
      answers: { 200: receivedSchema },
      errors: [webhookRefused, foreignDelivery],
      handle: async ({ body, headers, requestId }) => {
        const delivery = { body: Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers };
        refuseForeignDelivery(kyc, kyc.providers.veriff, delivery);
        return ok(await kyc.receiveWebhook({ provider: kyc.providers.veriff, delivery, requestId }));
      },
    }),
    ...bridgeRoutes(kyc),
    route({
      method: "GET",
      path: "/webhooks/inbox",
      summary: "List what providers delivered, newest first",
      tag: "KYC",
      access: admin,
      query: deliveryListQuery,
      answers: { 200: deliveryListSchema },
      handle: async ({ caller, query }) => ok(await listDeliveries(kyc, caller, query)),
    }),
    route({
      method: "GET",
      path: "/webhooks/inbox/:delivery_id",
      summary: "Read one delivery, without its body",
      tag: "KYC",
      access: admin,
      params: deliveryParams,
      answers: { 200: deliverySchema },
      errors: [deliveryNotFound],
      handle: async ({ params }) => ok(await getDelivery(kyc, params.delivery_id)),
    }),
  ];
}
