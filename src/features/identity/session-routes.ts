import { tooManyRequests, unavailable } from "../../foundation/errors/common.ts";
import { ok, type Route } from "../../foundation/http/index.ts";
import { anyone, type Caller, route, signedIn } from "../access/index.ts";
import {
  accountBlocked,
  accountClosed,
  accountInactive,
  emailNotConfirmed,
  furtherStepRequired,
  invalidCredentials,
  invalidLoginLink,
} from "./errors.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { logIn } from "./log-in.ts";
import { logOut } from "./log-out.ts";
import { logInWithLink } from "./login-link.ts";
import { invalidRefreshToken } from "./oidc/index.ts";
import { readMe } from "./read-me.ts";
import { refreshSession } from "./refresh-session.ts";
import {
  logInSchema,
  loginLinkSchema,
  logOutSchema,
  meSchema,
  messageSchema,
  readEmail,
  refreshSchema,
  tokensSchema,
} from "./schemas.ts";
import { secondFactorRequired } from "./second-factor/index.ts";
import { sourceOf } from "./throttle.ts";

const accountRefusals = [accountInactive, accountBlocked, accountClosed, emailNotConfirmed];

/** Logging in, staying in, logging out. */
export function sessionRoutes(deps: IdentityDeps): Route<Caller>[] {
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
      errors: [
        invalidCredentials,
        secondFactorRequired,
        ...accountRefusals,
        furtherStepRequired,
        tooManyRequests,
        unavailable,
      ],
      handle: async ({ body, requestId, source }) =>
        ok(
          await logIn(deps, {
            email: readEmail(body.email),
            password: body.password,
            requestId,
            source: sourceOf(source),
          }),
        ),
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
      errors: [invalidLoginLink, secondFactorRequired, ...accountRefusals, tooManyRequests],
      handle: async ({ body, requestId, source }) =>
        ok(await logInWithLink(deps, { token: body.token, requestId, source: sourceOf(source) })),
    }),
    route({
      method: "POST",
      path: "/auth/refresh",
      summary: "Exchange a refresh token for new tokens",
      tag: "Identity",
      access: anyone,
      body: refreshSchema,
      answers: { 200: tokensSchema },
      errors: [invalidRefreshToken, tooManyRequests, unavailable],
      handle: async ({ body }) => ok(await refreshSession(deps, body.refreshToken)),
    }),
    route({
      method: "POST",
      path: "/auth/logout",
      summary: "End this log-in, or all of them",
      tag: "Identity",
      access: signedIn,
      enrolment: true,
      body: logOutSchema,
      bodyOptional: true,
      answers: { 200: messageSchema("Logged out") },
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
      enrolment: true,
      answers: { 200: meSchema },
      handle: async ({ caller }) => ok(await readMe(deps, caller)),
    }),
  ];
}
