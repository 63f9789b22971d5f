import { type Static, type TString, Type } from "typebox";
import { closed, nullable, oneOf } from "../../../foundation/http/index.ts";
import { countrySchema, lineSchema, phoneSchema } from "../../users/index.ts";
import { emailSchema, type RegistrationBody, registrationSchema } from "../schemas.ts";

/**
 * What the source document answers with `missing-data` may be absent, null or blank as far as the schema is concerned:
 * the use case says what is missing.
 */
const orNothing = (schema: TString, description: string) => {
  const pattern = (schema as { pattern?: string }).pattern ?? "";
  return Type.Optional(nullable(Type.String({ ...schema, minLength: 0, pattern: `^\\s*$|${pattern}`, description })));
};

const line = Type.Optional(nullable(lineSchema));
const name = Type.Optional(
  nullable(
    Type.String({
      maxLength: 100,
      pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
      description: "a name without control characters",
    }),
  ),
);

/** `POST /users/register` without a password: the wallet API's profile. */
export const profileSchema = closed(
  {
    firstname: name,
    lastname: name,
    email: orNothing(emailSchema, "an e-mail address"),
    phone: Type.Optional(nullable(phoneSchema)),
    country: Type.Optional(nullable(countrySchema)),
    region: line,
    city: line,
    address1: line,
    address2: line,
    postalCode: line,
    accountType: Type.Optional(
      oneOf(["standard", "arbitrator"], { description: "Kept on update; `standard` at first." }),
    ),
    website: Type.Optional(
      nullable(
        Type.String({
          maxLength: 300,
          pattern: "^\\s*$|^\\s*https?://[!-~]+\\s*$",
          description: "an address that begins with https:// or http://",
        }),
      ),
    ),
    additionalInfo: Type.Optional(
      nullable(
        Type.String({
          maxLength: 2000,
          pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]*$",
          description: "text without control characters but line feeds",
        }),
      ),
    ),
  },
  {
    description: "With a token and without `password`: completes or updates the profile of a wallet's user.",
    examples: [
      {
        firstname: "Paula",
        lastname: "Integrator",
        email: "ops@partner.example",
        phone: "+32470001122",
        country: "BE",
        region: "Brussels",
        city: "Brussels",
        address1: "123 Rue Royale",
        postalCode: "1000",
        accountType: "arbitrator",
        website: "https://arbitrators.example",
      },
    ],
  },
);

export type ProfileBody = Static<typeof profileSchema>;

/** Both forms of `POST /users/register`, told apart by `password`. */
export const registerSchema = Type.Unsafe<RegistrationBody | ProfileBody>({
  type: "object",
  if: { type: "object", properties: { password: {} }, required: ["password"] },
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword
  then: registrationSchema,
  else: profileSchema,
  examples: (registrationSchema as { examples?: unknown[] }).examples,
});

export const registeredProfileSchema = closed(
  {
    userId: Type.String(),
    firstname: Type.String(),
    lastname: Type.String(),
    email: Type.String(),
    accountType: oneOf(["standard", "arbitrator"]),
    walletAddress: Type.String(),
    additionalInfo: nullable(Type.String()),
  },
  {
    examples: [
      {
        userId: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
        firstname: "Paula",
        lastname: "Integrator",
        email: "ops@partner.example",
        accountType: "arbitrator",
        walletAddress: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
        additionalInfo: null,
      },
    ],
  },
);

export type RegisteredProfile = Static<typeof registeredProfileSchema>;
