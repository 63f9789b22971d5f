import { Type } from "typebox";
import { closed, ok, type Route } from "../../foundation/http/index.ts";
import { type Caller, permission, route } from "../access/index.ts";
import { type Kyc, providerUnavailable, verificationNotAllowed, verificationStarting } from "../kyc/index.ts";
import { getUser, userNotFound, uuidSchema } from "../users/index.ts";
import { belowMinimumAge, noSessions, verificationDataMissing } from "./errors.ts";
import { listAllSessions } from "./list-all-sessions.ts";
import { listUserSessions } from "./list-user-sessions.ts";
import { readStatus } from "./read-status.ts";
import { sessionSchema, startSessionSchema, statusSchema, userSessionsSchema } from "./schemas.ts";
import { startSession } from "./start-session.ts";

const params = closed({ userId: uuidSchema });
const largestInt32 = 2_147_483_647;

/** The eKYC endpoints of services, and of persons who hold the permission. */
export function adminRoutes(kyc: Kyc): Route<Caller>[] {
  return [listRoute(kyc), startRoute(kyc), ...readRoutes(kyc)];
}

function listRoute(kyc: Kyc): Route<Caller> {
  return route({
    method: "GET",
    path: "/ekyc/admin",
    summary: "List people with their sessions, in the order of their first one",
    tag: "eKYC",
    access: permission("ekyc.session.list"),
    query: closed({
      limit: Type.Integer({ minimum: 1, maximum: 1024, default: 1024 }),
      start: Type.Integer({ minimum: 0, maximum: largestInt32, default: 0 }),
    }),
    answers: { 200: Type.Array(userSessionsSchema) },
    handle: async ({ query }) => ok(await listAllSessions(kyc, query)),
  });
}

function startRoute(kyc: Kyc): Route<Caller> {
  return route({
    method: "POST",
    path: "/ekyc/admin/:userId/sessions",
    summary: "Start a person's verification, or get the open session",
    tag: "eKYC",
    access: permission("ekyc.session.create"),
    params,
    body: startSessionSchema,
    bodyOptional: true,
    idempotent: true,
    answers: { 200: sessionSchema },
    errors: [
      userNotFound,
      verificationDataMissing,
      belowMinimumAge,
      verificationNotAllowed,
      verificationStarting,
      providerUnavailable,
    ],
    handle: async ({ params: { userId }, body, caller, once, requestId }) => {
      const requestedBy =
        caller.kind === "service"
          ? ({ kind: "service", id: caller.clientId } as const)
          : ({ kind: "user", id: caller.userId } as const);
      const callbackOrigins = caller.kind === "service" ? caller.callbackOrigins : [];
      return ok(
        await startSession(kyc, {
          ...body,
          userId: userId.toLowerCase(),
          requestedBy,
          callbackOrigins,
          once,
          requestId,
        }),
      );
    },
  });
}

function readRoutes(kyc: Kyc): Route<Caller>[] {
  const shared = { method: "GET", tag: "eKYC", access: permission("ekyc.session.get"), params } as const;
  return [
    route({
      ...shared,
      path: "/ekyc/admin/:userId/sessions",
      summary: "Read a person's sessions",
      answers: { 200: userSessionsSchema },
      errors: [noSessions],
      handle: async ({ params: { userId } }) =>
        ok(await listUserSessions(kyc, { userId: userId.toLowerCase(), withLinks: false })),
    }),
    route({
      ...shared,
      path: "/ekyc/admin/:userId/status",
      summary: "Read where a person's verification stands",
      answers: { 200: statusSchema },
      errors: [userNotFound],
      handle: async ({ params: { userId } }) =>
        ok(await readStatus(kyc, (await getUser(kyc, userId.toLowerCase())).user_id)),
    }),
  ];
}
