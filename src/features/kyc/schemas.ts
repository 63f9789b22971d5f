import { Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";
import { type PresentedUser, userSchema, uuidSchema } from "../users/index.ts";
import { outcomes } from "./tables.ts";

const text = Type.String();
const time = Type.String({ format: "date-time" });

/** What a provider is answered. */
export const receivedSchema = closed({
  message: text,
  user: Type.Unsafe<PresentedUser | null>({ anyOf: [userSchema, { type: "null" }] }),
});

export const outcomeSchema = oneOf(outcomes);

/** A delivery as an operator sees it: never the raw body. */
export const deliverySchema = closed({
  delivery_id: text,
  provider: text,
  received_at: time,
  signature: oneOf(["valid", "invalid", "missing"]),
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
