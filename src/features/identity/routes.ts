import { Type } from "typebox";
import { tooManyRequests, unavailable } from "../../foundation/errors/common.ts";
import { accepted, closed, created, ok, type Route } from "../../foundation/http/index.ts";
import { anyone, anyoneOrCaller, type Caller, route } from "../access/index.ts";
import { emailTaken, ladderRefused, userSchema } from "../users/index.ts";
import { appRoutes } from "./apps/routes.ts";
import { confirmEmail } from "./confirm-email.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { invalidConfirmationCode } from "./errors.ts";
import { foreignLinkRoutes } from "./foreign-links/routes.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { passwordRoutes } from "./password-routes.ts";
import { phoneRoutes } from "./phone/index.ts";
import {
  completeProfile,
  profileErrors,
  refuseWithoutCaller,
  registeredProfileSchema,
  registerSchema,
  wrongUserId,
} from "./profile/index.ts";
import { registerUser } from "./register-user.ts";
import { resendCode } from "./resend-code.ts";
import { confirmSchema, emailOnlySchema, messageSchema, readEmail } from "./schemas.ts";
import { secondFactorRoutes } from "./second-factor/index.ts";
import { serviceAccountRoutes } from "./service-accounts/index.ts";
import { sessionRoutes } from "./session-routes.ts";
import { signingKeyRoutes } from "./signing-keys/routes.ts";
import { sourceOf } from "./throttle.ts";
import { userinfoRoutes } from "./userinfo-routes.ts";

/** Sign-up, confirmation, log-in and what belongs to it. */
export function identityRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    ...signUpRoutes(deps),
    ...directoryRoutes(deps),
    ...sessionRoutes(deps),
    ...passwordRoutes(deps),
    ...secondFactorRoutes(deps),
    ...phoneRoutes(deps),
    ...userinfoRoutes(deps),
    ...foreignLinkRoutes(deps),
    ...serviceAccountRoutes(deps),
    ...appRoutes(deps),
    ...signingKeyRoutes(deps),
  ];
}

function signUpRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/register",
      summary: "Register with e-mail address and password, or complete the profile of a wallet's user",
      tag: "Identity",
      access: anyoneOrCaller,
      budget: "sensitive",
      idempotent: true,
      body: registerSchema,
      bodyOptional: true,
      answers: {
        200: registeredProfileSchema,
        201: closed({
          message: Type.String({ examples: ["User registered successfully"] }),
          user: userSchema,
          requires_confirmation: Type.Boolean({ examples: [true] }),
        }),
      },
      errors: [emailTaken, ladderRefused, tooManyRequests, unavailable, ...profileErrors],
      withoutCaller: refuseWithoutCaller,
      handle: async ({ body, caller, ...request }) => {
        const facts = { requestId: request.requestId, source: sourceOf(request.source), once: request.once };
        if (!("password" in body)) {
          if (caller?.kind !== "user") throw wrongUserId();
          return ok(await completeProfile(deps, { body, caller, ...facts }));
        }
        return created({
          message: "User registered successfully",
          user: await registerUser(deps, { body, caller, ...facts }),
          requires_confirmation: true,
        });
      },
    }),
    route({
      method: "POST",
      path: "/users/confirm",
      summary: "Confirm the e-mail address with the code sent to it",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: confirmSchema,
      answers: { 200: messageSchema("User confirmed successfully") },
      errors: [invalidConfirmationCode, tooManyRequests, unavailable],
      handle: async ({ body, requestId, source }) => {
        await confirmEmail(deps, {
          email: readEmail(body.email),
          code: body.confirmation_code.trim(),
          requestId,
          source: sourceOf(source),
        });
        return ok({ message: "User confirmed successfully" });
      },
    }),
    route({
      method: "POST",
      path: "/users/resend-code",
      summary: "Send a new confirmation code",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: emailOnlySchema,
      answers: { 202: messageSchema("If this address waits for confirmation, a new code is on its way") },
      errors: [tooManyRequests, unavailable],
      handle: async ({ body, requestId }) => {
        await resendCode(deps, { email: readEmail(body.email), requestId });
        return accepted({ message: "If this address waits for confirmation, a new code is on its way" });
      },
    }),
  ];
}
