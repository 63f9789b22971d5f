import { Type } from "typebox";
import { closed, oneOf } from "../../../foundation/http/index.ts";
import { nameSchema, type PresentedUser, userSchema } from "../../users/index.ts";

/** CreateBridgeKYCRequest of the PCX document. */
export const openCustomerSchema = closed(
  {
    email: Type.String({ minLength: 3, maxLength: 320, description: "the user's own e-mail address" }),
    first_name: Type.Optional(nameSchema),
    last_name: Type.Optional(nameSchema),
    customer_type: Type.Optional(oneOf(["individual"])),
  },
  { examples: [{ email: "ada@example.com", first_name: "Ada", last_name: "Okafor", customer_type: "individual" }] },
);

/** What it is answered. */
export const openedCustomerSchema = closed({
  status: oneOf(["success"]),
  message: Type.String({ examples: ["Bridge KYC started"] }),
  data: closed({
    bridge_customer_id: Type.String({ examples: ["cust_4f0b6a0e-1c55-4d5e-9b1e-7a0c3f9a2d11"] }),
    tos_link: Type.String({
      description: "Where the person accepts Bridge's terms of service.",
      examples: ["https://dashboard.bridge.xyz/accept-terms-of-service?session_token=EXAMPLE"],
    }),
    user: Type.Unsafe<PresentedUser>(userSchema),
  }),
});

/** For the document only: the receiver takes bytes, checks their signature and keeps whatever comes. */
export const bridgeBodySchema = Type.Unsafe<unknown>({
  type: "object",
  description: "An event of Bridge, signed in `X-Webhook-Signature` over the time and the exact bytes.",
  examples: [
    {
      api_version: "v0",
      event_id: "wh_EXAMPLE0103",
      event_category: "customer",
      event_type: "customer.updated.status_transitioned",
      event_object_id: "cust_4f0b6a0e-1c55-4d5e-9b1e-7a0c3f9a2d11",
      event_object_status: "active",
      event_object: { id: "cust_4f0b6a0e-1c55-4d5e-9b1e-7a0c3f9a2d11", status: "active" },
      event_object_changes: { status: ["under_review", "active"] },
      event_created_at: "2026-03-02T10:05:00.120Z",
    },
  ],
});

/** What Bridge is answered. */
export const bridgeReceivedSchema = closed({
  status: oneOf(["success"]),
  message: Type.String({ examples: ["The delivery was taken in."] }),
  data: closed({}),
});
