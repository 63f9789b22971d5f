import { Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";
import { type PresentedUser, reasonSchema, userSchema, uuidSchema } from "../users/index.ts";
import { outcomes } from "./tables.ts";

const text = Type.String();
const time = Type.String({ format: "date-time" });

/** For the document only: the receiver takes bytes, checks their signature and keeps whatever comes. */
export const veriffBodySchema = Type.Unsafe<unknown>({
  type: "object",
  description: "An event or decision of Veriff, signed in `X-HMAC-SIGNATURE` over the exact bytes.",
  examples: [
    {
      id: "12df6045-3846-3e45-946a-14fa6136d78b",
      attemptId: "00bca969-b53a-4fad-b065-874d41a7b2b8",
      feature: "selfid",
      code: 7002,
      action: "submitted",
      vendorData: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
    },
  ],
});

/** What a provider is answered. */
export const receivedSchema = closed({
  message: Type.String({ examples: ["The delivery was taken in."] }),
  user: Type.Unsafe<PresentedUser | null>({ anyOf: [userSchema, { type: "null" }] }),
});

export const outcomeSchema = oneOf(outcomes);

const deliveryFields = {
  delivery_id: text,
  provider: text,
  received_at: time,
  signature: oneOf(["valid", "invalid", "missing", "stale"]),
  kind: nullable(text),
  outcome: outcomeSchema,
  detail: nullable(text),
  provider_session_id: nullable(text),
  session_id: nullable(text),
  user_id: nullable(text),
  applied_at: nullable(time),
  repeats: Type.Integer(),
  last_received_at: time,
  content_sha256: Type.String({ description: "Of the exact bytes of the body, in hex." }),
};

const exampleDelivery = {
  delivery_id: "0199d3b0-1234-7abc-8def-0123456789ab",
  provider: "veriff",
  received_at: "2026-01-15T09:40:03.511Z",
  signature: "valid",
  kind: "decision",
  outcome: "applied",
  detail: null,
  provider_session_id: "12df6045-3846-3e45-946a-14fa6136d78b",
  session_id: "0199d3a9-5a5a-7c3d-9e8f-7a6b5c4d3e2f",
  user_id: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
  applied_at: "2026-01-15T09:40:03.511Z",
  repeats: 0,
  last_received_at: "2026-01-15T09:40:03.511Z",
  content_sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
};

/** A delivery as an operator sees it in the list: without its body. */
export const deliverySchema = closed(deliveryFields, { examples: [exampleDelivery] });

/** A delivery with the structure of its body: keys, and of the values only statuses, codes, ids and times. */
export const inspectedSchema = closed(
  {
    ...deliveryFields,
    event_id: nullable(Type.String({ description: "The provider's own name of the event, where it gives one." })),
    body_bytes: nullable(Type.Integer({ description: "Null where the body is not kept." })),
    body: Type.Unknown({
      description: "The body's structure; what may tell something of a person is masked as `***`.",
    }),
  },
  {
    examples: [
      {
        ...exampleDelivery,
        event_id: null,
        body_bytes: 512,
        body: {
          status: "success",
          verification: {
            id: exampleDelivery.provider_session_id,
            status: "approved",
            code: 9001,
            person: { firstName: "***" },
          },
        },
      },
    ],
  },
);

/** What an operator adds to a replay. */
export const replayBodySchema = closed({ reason: Type.Optional(reasonSchema) });

export const replayedSchema = closed({
  message: Type.String({ examples: ["Nothing changed: it was taken in before."] }),
  changed: Type.Boolean({
    examples: [false],
    description: "False where everything it says had been taken in already.",
  }),
  delivery: inspectedSchema,
});

/** Whose delivery it is, and how the operator knows. */
export const attachBodySchema = closed({ user_id: uuidSchema, reason: reasonSchema });

export const attachedSchema = closed({
  message: Type.String({ examples: ["The delivery was attached."] }),
  delivery: inspectedSchema,
  user: userSchema,
});

export const deliveryListSchema = closed({
  deliveries: Type.Array(deliverySchema),
  last_evaluated_key: nullable(text),
});

export const deliveryListQuery = closed({
  outcome: Type.Optional(outcomeSchema),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  last_evaluated_key: Type.Optional(Type.String({ maxLength: 500 })),
});

export const deliveryParams = closed({ delivery_id: uuidSchema });
