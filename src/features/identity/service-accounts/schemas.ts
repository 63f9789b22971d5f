import { Type } from "typebox";
import { closed, nullable, oneOf } from "../../../foundation/http/index.ts";
import { permissionNames } from "../../access/index.ts";
import { publicKeySchema } from "./read-public-key.ts";

const time = Type.String({ format: "date-time" });
const exampleId = "svc-0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90";

/** A set of permissions, each by its exact name. */
export const permissionsSchema = Type.Array(oneOf(permissionNames), {
  uniqueItems: true,
  maxItems: 100,
  examples: [["ekyc.session.list", "ekyc.session.get"]],
});

const name = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: "\\S",
  description: "what it is for; no personal data",
  examples: ["Onboarding backend"],
});
const origins = Type.Array(Type.String({ maxLength: 200 }), {
  uniqueItems: true,
  maxItems: 20,
  description: "https origins to which persons may return from a verification that this account started",
  examples: [["https://app.example.com"]],
});

const redirects = Type.Array(Type.String({ maxLength: 500 }), {
  uniqueItems: true,
  maxItems: 20,
  description: "where an app gets the codes of people who let it act for them; letter by letter, https",
  examples: [["https://app.example.com/back"]],
});

export const createSchema = closed({
  name,
  permissions: permissionsSchema,
  callback_origins: Type.Optional(origins),
  redirect_uris: Type.Optional(redirects),
  public_key: Type.Optional(publicKeySchema),
});

export const changeSchema = closed({
  name: Type.Optional(name),
  permissions: Type.Optional(permissionsSchema),
  callback_origins: Type.Optional(origins),
  redirect_uris: Type.Optional(redirects),
});

export const rotateSchema = closed({ public_key: Type.Optional(publicKeySchema) });

const account = {
  client_id: Type.String({ examples: [exampleId] }),
  name,
  permissions: Type.Array(Type.String(), { examples: [["ekyc.session.list", "ekyc.session.get"]] }),
  callback_origins: Type.Array(Type.String(), { examples: [["https://app.example.com"]] }),
  redirect_uris: Type.Array(Type.String(), { examples: [["https://app.example.com/back"]] }),
  authentication: oneOf(["client_secret", "private_key_jwt"]),
};

/** A service account without its secret, which nobody can read again. */
export const accountSchema = closed({
  ...account,
  created_by: Type.String({ examples: ["0199d3a0-0000-7a00-8000-1f2e3d4c5b6a"] }),
  created_at: time,
  updated_at: time,
});

/** The one answer with the secret in it; null where the account has a key of its own. */
export const issuedSchema = closed({
  ...account,
  client_secret: nullable(Type.String({ examples: ["Rk9vYmFyLXRoaXMtaXMtbm90LWEtc2VjcmV0LTEyMzQ"] })),
});

export const accountListSchema = closed({
  service_accounts: Type.Array(accountSchema),
  last_evaluated_key: nullable(Type.String()),
});

export const accountParams = closed({
  client_id: Type.String({ minLength: 1, maxLength: 200, examples: [exampleId] }),
});
