import { Type } from "typebox";
import { tooManyRequests, unavailable } from "../../foundation/errors/common.ts";
import { accepted, closed, created, ok, type Route } from "../../foundation/http/index.ts";
import { anyone, anyoneOrCaller, type Caller, route, signedIn } from "../access/index.ts";
import { emailTaken, userSchema } from "../users/index.ts";
import { confirmEmail } from "./confirm-email.ts";
import { accountBlocked, accountClosed, accountInactive, emailNotConfirmed, invalidConfirmationCode, invalidCredentials, invalidLoginLink } from "./errors.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { logIn } from "./log-in.ts";
import { logOut } from "./log-out.ts";
import { logInWithLink } from "./login-link.ts";
import { invalidRefreshToken } from "./oidc/index.ts";
import { readMe } from "./read-me.ts";
import { registerUser } from "./register-user.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { resendCode } from "./resend-code.ts";
import { resetPassword } from "./reset-password.ts";
import { confirmSchema, emailOnlySchema, loginLinkSchema, logInSchema, logOutSchema, meSchema, messageSchema, readEmail, refreshSchema, registrationSchema, resetSchema, tokensSchema } from "./schemas.ts";
import { sourceOf } from "./throttle.ts";

const accountRefusals = [accountInactive, accountBlocked, accountClosed, emailNotConfirmed];

/** Sign-up, confirmation, log-in and what belongs to it. */
export function identityRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [...signUpRoutes(deps), ...sessionRoutes(deps), ...passwordRoutes(deps)];
}

function signUpRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/users/register",
      summary: "Register with e-mail address and password",
      tag: "Identity",
      access: anyoneOrCaller,
      budget: "sensitive",
      idempotent: true,
      body: registrationSchema,
      answers: { 201: closed({ message: Type.String(), user: userSchema, requires_confirmation: Type.Boolean() }) },
      errors: [emailTaken, tooManyRequests, unavailable],
      handle: async ({ body, caller, requestId, source, once }) =>
        created({
          message: "User registered successfully",
          user: await registerUser(deps, { body, caller, requestId, source: sourceOf(source), once }),
          requires_confirmation: true,
        }),
    }),
    route({
      method: "POST",
      path: "/users/confirm",
      summary: "Confirm the e-mail address with the code sent to it",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: confirmSchema,
      answers: { 200: messageSchema },
      errors: [invalidConfirmationCode, tooManyRequests],
      handle: async ({ body, requestId, source }) => {
        await confirmEmail(deps, { email: readEmail(body.email), code: body.confirmation_code.trim(), requestId, source: sourceOf(source) });
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
      answers: { 202: messageSchema },
      errors: [tooManyRequests],
      handle: async ({ body, requestId }) => {
        await resendCode(deps, { email: readEmail(body.email), requestId });
        return accepted({ message: "If this address waits for confirmation, a new code is on its way" });
      },
    }),
  ];
}

function sessionRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/auth/login",
      summary: "Log in with e-mail address and password",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: logInSchema,
      answers: { 200: tokensSchema },
      errors: [invalidCredentials, ...accountRefusals, tooManyRequests, unavailable],
      handle: async ({ body, requestId, source }) =>
        ok(await logIn(deps, { email: readEmail(body.email), password: body.password, requestId, source: sourceOf(source) })),
    }),
    route({
      method: "POST",
      path: "/auth/login-link",
      summary: "Log in with the token of a one-time link",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: loginLinkSchema,
      answers: { 200: tokensSchema },
      errors: [invalidLoginLink, ...accountRefusals, tooManyRequests],
      handle: async ({ body, requestId, source }) => ok(await logInWithLink(deps, { token: body.token, requestId, source: sourceOf(source) })),
    }),
    route({
      method: "POST",
      path: "/auth/refresh",
      summary: "Exchange a refresh token for new tokens",
      tag: "Identity",
      access: anyone,
      body: refreshSchema,
      answers: { 200: tokensSchema },
      errors: [invalidRefreshToken],
      handle: async ({ body }) => ok(await deps.tokens.refresh(body.refreshToken)),
    }),
    route({
      method: "POST",
      path: "/auth/logout",
      summary: "End this log-in, or all of them",
      tag: "Identity",
      access: signedIn,
      body: logOutSchema,
      bodyOptional: true,
      answers: { 200: messageSchema },
      handle: async ({ body, caller, requestId }) => {
        await logOut(deps, { ...body, caller, requestId });
        return ok({ message: "Logged out" });
      },
    }),
    route({
      method: "GET",
      path: "/auth/me",
      summary: "Who the token belongs to",
      tag: "Identity",
      access: signedIn,
      answers: { 200: meSchema },
      handle: async ({ caller }) => ok(await readMe(deps, caller)),
    }),
  ];
}

function passwordRoutes(deps: IdentityDeps): Route<Caller>[] {
  return [
    route({
      method: "POST",
      path: "/auth/forgot-password",
      summary: "Ask for a code to set a new password",
      tag: "Identity",
      access: anyone,
      budget: "sensitive",
      body: emailOnlySchema,
      answers: { 202: messageSchema },
      errors: [tooManyRequests],
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
      answers: { 200: messageSchema },
      errors: [invalidConfirmationCode, tooManyRequests, unavailable],
      handle: async ({ body, requestId, source }) => {
        const code = body.confirmation_code.trim();
        await resetPassword(deps, { email: readEmail(body.email), code, newPassword: body.new_password, requestId, source: sourceOf(source) });
        return ok({ message: "Password changed; log in with the new one" });
      },
    }),
  ];
}
