import { Type } from "typebox";
import { tooManyRequests } from "../../foundation/errors/common.ts";
import { closed, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { anyone, type Caller, permission, route } from "../access/index.ts";
import { userNotFound } from "../users/index.ts";
import { checkEmailAvailable } from "./check-email-available.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { foundUserSchema, lookUpUser } from "./look-up-user.ts";
import { emailOnlySchema, emailSchema, readEmail } from "./schemas.ts";
import { sourceOf } from "./throttle.ts";

/** Questions about e-mail addresses. */
export function directoryRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/auth/check-email-available/:email",
      summary: "Ask whether an e-mail address is free",
      tag: "Wallets",
      access: anyone,
      budget: "sensitive",
      params: closed({ email: emailSchema }),
      answers: {
        200: closed({
          available: Type.Boolean({ examples: [true] }),
          errorCode: Type.Optional(oneOf(["email-already-exists"], { description: "Where it is not free." })),
        }),
      },
      errors: [tooManyRequests],
      handle: async ({ params, source }) => {
        const input = { email: readEmail(params.email), source: sourceOf(source) };
        const available = await checkEmailAvailable(deps, input);
        return ok(available ? { available } : { available, errorCode: "email-already-exists" as const });
      },
    }),
    route({
      method: "POST",
      path: "/users/lookup",
      summary: "Find a user by e-mail address, for agreement invitations",
      tag: "Wallets",
      access: permission("users.lookup"),
      body: emailOnlySchema,
      answers: { 200: foundUserSchema },
      errors: [userNotFound],
      handle: async ({ body }) => ok(await lookUpUser(deps, readEmail(body.email))),
    }),
  ];
}
