import { ok, type Route } from "../../foundation/http/index.ts";
import { admin, type Caller, route, signedByProvider } from "../access/index.ts";
import { getUser, ladderRefused, presentUser, userNotFound } from "../users/index.ts";
import { attachDelivery } from "./attach-delivery.ts";
import type { Kyc } from "./create-kyc.ts";
import {
  deliveryBodyGone,
  deliveryNotAttachable,
  deliveryNotFound,
  deliveryNotReplayable,
  foreignDelivery,
  providerNotConfigured,
  webhookRefused,
  webhookTooOld,
} from "./errors.ts";
import { inspectDelivery } from "./inspect-delivery.ts";
import { bridgeRoutes } from "./introductions/routes.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { replayDelivery } from "./replay-delivery.ts";
import {
  attachBodySchema,
  attachedSchema,
  deliveryListQuery,
  deliveryListSchema,
  deliveryParams,
  inspectedSchema,
  receivedSchema,
  replayBodySchema,
  replayedSchema,
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
      errors: [webhookRefused, webhookTooOld, foreignDelivery],
      handle: async ({ body, headers, requestId }) => {
        const delivery = { body: Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers };
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
      summary: "Inspect one delivery, its body masked",
      tag: "KYC",
      access: admin,
      params: deliveryParams,
      answers: { 200: inspectedSchema },
      errors: [deliveryNotFound],
      handle: async ({ params }) => ok(await inspectDelivery(kyc, params.delivery_id)),
    }),
    route({
      method: "POST",
      path: "/webhooks/inbox/:delivery_id/replay",
      summary: "Take up a kept delivery again",
      tag: "KYC",
      access: admin,
      params: deliveryParams,
      body: replayBodySchema,
      bodyOptional: true,
      answers: { 200: replayedSchema },
      errors: [deliveryNotFound, deliveryNotReplayable, deliveryBodyGone, providerNotConfigured],
      handle: async ({ params: { delivery_id: deliveryId }, body: { reason }, caller, requestId }) => {
        const { changed } = await replayDelivery(kyc, { deliveryId, reason, caller, requestId });
        const message = changed ? "The delivery was applied." : "Nothing changed: it was taken in before.";
        return ok({ message, changed, delivery: await inspectDelivery(kyc, deliveryId) });
      },
    }),
    route({
      method: "POST",
      path: "/webhooks/inbox/:delivery_id/attach",
      summary: "Attach a delivery to the user whom it is about",
      tag: "KYC",
      access: admin,
      params: deliveryParams,
      body: attachBodySchema,
      answers: { 200: attachedSchema },
      errors: [
        deliveryNotFound,
        userNotFound,
        ladderRefused,
        deliveryNotAttachable,
        deliveryBodyGone,
        providerNotConfigured,
      ],
      handle: async ({ params: { delivery_id: deliveryId }, body, caller, requestId }) => {
        const order = { deliveryId, userId: body.user_id, reason: body.reason, caller, requestId };
        await attachDelivery(kyc, order);
        const user = presentUser(await getUser(kyc, body.user_id));
        return ok({ message: "The delivery was attached.", delivery: await inspectDelivery(kyc, deliveryId), user });
      },
    }),
  ];
}
