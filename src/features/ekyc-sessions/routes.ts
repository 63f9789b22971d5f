import { ok, type Route } from "../../foundation/http/index.ts";
import { type Caller, route, signedIn } from "../access/index.ts";
import { type Kyc, providerUnavailable, verificationNotAllowed, verificationStarting } from "../kyc/index.ts";
import { adminRoutes } from "./admin-routes.ts";
import { belowMinimumAge, noSessions, verificationDataMissing } from "./errors.ts";
import { getCurrentRequest, listUserSessions } from "./list-user-sessions.ts";
import { readStatus } from "./read-status.ts";
import {
  originalRequestSchema,
  sessionSchema,
  startSessionSchema,
  statusSchema,
  userSessionsSchema,
} from "./schemas.ts";
import { startSession } from "./start-session.ts";

/** The eKYC endpoints: of the persons themselves, and of services about them. */
export function createEkycRoutes(kyc: Kyc): Route<Caller>[] {
  return [...ownRoutes(kyc), ...adminRoutes(kyc)];
}

function ownRoutes(kyc: Kyc): Route<Caller>[] {
  const shared = { tag: "eKYC", access: signedIn } as const;
  return [
    route({
      ...shared,
      method: "POST",
      path: "/ekyc/me/sessions",
      summary: "Start a verification, or get the open session",
      body: startSessionSchema,
      bodyOptional: true,
      idempotent: true,
      answers: { 200: sessionSchema },
      errors: [
        verificationDataMissing,
        belowMinimumAge,
        verificationNotAllowed,
        verificationStarting,
        providerUnavailable,
      ],
      handle: async ({ body, caller, once, requestId }) => {
        const requestedBy = { kind: "user", id: caller.userId } as const;
        return ok(await startSession(kyc, { ...body, userId: caller.userId, requestedBy, once, requestId }));
      },
    }),
    route({
      ...shared,
      method: "GET",
      path: "/ekyc/me/sessions",
      summary: "Read the own sessions",
      answers: { 200: userSessionsSchema },
      errors: [noSessions],
      handle: async ({ caller }) => ok(await listUserSessions(kyc, { userId: caller.userId, withLinks: true })),
    }),
    route({
      ...shared,
      method: "GET",
      path: "/ekyc/me/sessions/current",
      summary: "Read what the newest session was opened with",
      answers: { 200: originalRequestSchema },
      errors: [noSessions],
      handle: async ({ caller }) => ok(await getCurrentRequest(kyc, caller.userId)),
    }),
    route({
      ...shared,
      method: "GET",
      path: "/ekyc/me/status",
      summary: "Read where the own verification stands",
      answers: { 200: statusSchema },
      handle: async ({ caller }) => ok(await readStatus(kyc, caller.userId)),
    }),
  ];
}
