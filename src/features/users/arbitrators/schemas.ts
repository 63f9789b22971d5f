import { Type } from "typebox";
import { closed, nullable, oneOf } from "../../../foundation/http/index.ts";
import { reasonSchema } from "../schemas.ts";

const text = nullable(Type.String());

export const verificationSchema = oneOf(["external", "verified"], {
  description: "`external`: registered by themselves; `verified`: after an operator's due diligence.",
});

/** What participants of agreements are shown. */
export const arbitratorSchema = closed(
  {
    userId: Type.String(),
    firstname: text,
    lastname: text,
    country: text,
    website: text,
    additionalInfo: text,
    walletAddress: text,
    verification: verificationSchema,
    verifiedAt: nullable(Type.String({ format: "date-time" })),
  },
  {
    examples: [
      {
        userId: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        firstname: "Paula",
        lastname: "Integrator",
        country: "BE",
        website: "https://arbitrators.example",
        additionalInfo: "Twelve years of trade disputes",
        walletAddress: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
        verification: "verified",
        verifiedAt: "2026-01-15T09:30:00.000Z",
      },
    ],
  },
);

export const arbitratorQuerySchema = closed({
  email: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 254,
      description: "exactly this e-mail address; finds external arbitrators, too",
    }),
  ),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 201,
      description: "exactly this first and last name; finds external arbitrators, too",
    }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  last_evaluated_key: Type.Optional(Type.String({ maxLength: 500 })),
});

export const arbitratorListSchema = closed({
  arbitrators: Type.Array(arbitratorSchema),
  count: Type.Integer(),
  last_evaluated_key: Type.Unsafe<string | null>({ type: ["string", "null"] }),
});

export const verificationOrderSchema = closed({ verification: verificationSchema, reason: reasonSchema });
