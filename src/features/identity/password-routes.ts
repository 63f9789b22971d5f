import { tooManyRequests, unavailable } from "../../foundation/errors/common.ts";
import { accepted, ok, type Route } from "../../foundation/http/index.ts";
import { anyone, type Caller, route } from "../access/index.ts";
import { invalidConfirmationCode } from "./errors.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { resetPassword } from "./reset-password.ts";
import { emailOnlySchema, messageSchema, readEmail, resetSchema } from "./schemas.ts";
import { sourceOf } from "./throttle.ts";

/** A forgotten password. */
export function passwordRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/auth/forgot-password",
      summary: "Ask for a code to set a new password",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: emailOnlySchema,
      answers: { 202: messageSchema("If there is an account with this address, a code is on its way") },
      errors: [tooManyRequests, unavailable],
      handle: async ({ body, requestId }) => {
        await requestPasswordReset(deps, { email: readEmail(body.email), requestId });
        return accepted({ message: "If there is an account with this address, a code is on its way" });
      },
    }),
    route({
      method: "POST",
      path: "/auth/reset-password",
      summary: "Set a new password with the code",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: resetSchema,
      answers: { 200: messageSchema("Password changed; log in with the new one") },
      errors: [invalidConfirmationCode, tooManyRequests, unavailable],
      handle: async ({ body, requestId, source }) => {
        const code = body.confirmation_code.trim();
        await resetPassword(deps, {
          email: readEmail(body.email),
          code,
          newPassword: body.new_password,
          requestId,
          source: sourceOf(source),
        });
        return ok({ message: "Password changed; log in with the new one" });
      },
    }),
  ];
}
