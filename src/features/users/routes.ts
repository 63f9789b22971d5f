import { Type } from "typebox";
import type { Cursors, KeyedHash, PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { invalidRequest, preconditionFailed } from "../../foundation/errors/common.ts";
import { closed, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import { admin, anyOf, type Caller, own, permission, plugged, route, type UserCaller } from "../access/index.ts";
import { illegalMove } from "../lifecycle/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { changeRole } from "./change-role.ts";
import { changeStatus } from "./change-status.ts";
import { eraseUser, type ForgetPerson } from "./erase-user.ts";
import { ladderRefused, phoneTaken, userNotFound, verifiedDataLocked } from "./errors.ts";
import { type ListAdministeredOrganisations, listUsers } from "./list-users.ts";
import type { MoveDeps } from "./move-user.ts";
import { permissionRoutes } from "./permission-routes.ts";
import { presentUser, userEtag } from "./present-user.ts";
import type { Gate } from "./read-gate.ts";
import { readTimeline } from "./read-timeline.ts";
import { getUser } from "./read-user.ts";
import {
  gateSchema,
  lifecycleSchema,
  pcxStatusSchema,
  reasonSchema,
  roleSchema,
  timelineEntrySchema,
  typeSchema,
  userParams,
  userSchema,
  uuidSchema,
} from "./schemas.ts";
import { updateUser, updateUserSchema } from "./update-user.ts";

/** What the users' endpoints need; the functions come from rooms above and are plugged in by `app.ts`. */
export type UsersDeps = MoveDeps & {
  db: Db;
  ids: Ids;
  hash: KeyedHash;
  seal: PlatformSeal;
  cursors: Cursors;
  personKeys: PersonKeys;
  gate: Gate;
  forgetPerson: ForgetPerson;
  listAdministeredOrganisations: ListAdministeredOrganisations;
  /** Whether the caller is member admin of an organisation that the user belongs to. */
  administers(caller: UserCaller, userId: string): Promise<boolean>;
};

const messageOf = (example: string) => Type.String({ examples: [example] });
const int32 = /^[1-9][0-9]{0,9}$/;
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
const largestInt32 = 2_147_483_647;

/** The users' endpoints of `api.md`. */
export function usersRoutes(deps: UsersDeps): Route<Caller>[] {
  const ownOrAdmin = anyOf<UserCaller>(own("user_id"), admin);
  const reader = anyOf<UserCaller>(
    own("user_id"),
    admin,
    plugged(
      "a member admin of the user's organisation",
      async (caller, params) =>
        isUuid(String(params.user_id)) && (await deps.administers(caller, String(params.user_id))),
    ),
  );
  const lister = anyOf<UserCaller>(
    admin,
    plugged(
      "a member admin of an organisation",
      async (caller) => (await deps.listAdministeredOrganisations(caller.userId)).length > 0,
    ),
  );
  return [
    gateRoute(deps),
    route({
      method: "GET",
      path: "/users/list",
      summary: "List users, newest first",
      tag: "Users",
      access: lister,
      query: closed({
        org_id: Type.Optional(uuidSchema),
        status: Type.Optional(pcxStatusSchema),
        role: Type.Optional(roleSchema),
        type: Type.Optional(typeSchema),
        q: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: "the start of a name, e-mail address or phone number",
          }),
        ),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
        last_evaluated_key: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      answers: {
        200: closed({
          users: Type.Array(userSchema),
          count: Type.Integer(),
          total: Type.Integer(),
          total_is_estimate: Type.Boolean(),
          last_evaluated_key: Type.Unsafe<string | null>({ type: ["string", "null"] }),
        }),
      },
      handle: async ({ caller, query }) => ok(await listUsers(deps, caller, query)),
    }),
    route({
      method: "GET",
      path: "/users/:user_id",
      summary: "Read a user",
      tag: "Users",
      access: reader,
      params: userParams,
      answers: { 200: userSchema },
      errors: [userNotFound],
      handle: async ({ params }) => {
        const user = await getUser(deps, params.user_id);
        return ok(presentUser(user), { etag: userEtag(user) });
      },
    }),
    route({
      method: "PUT",
      path: "/users/:user_id",
      summary: "Change a profile: name, phone, address, documents",
      tag: "Users",
      access: ownOrAdmin,
      params: userParams,
      body: updateUserSchema,
      answers: { 200: closed({ message: messageOf("User updated successfully"), user: userSchema }) },
      errors: [userNotFound, verifiedDataLocked, phoneTaken, preconditionFailed],
      handle: async ({ params, body, caller, headers, requestId }) => {
        const user = await updateUser(deps, {
          userId: params.user_id,
          update: body,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ message: "User updated successfully", user: presentUser(user) }, { etag: userEtag(user) });
      },
    }),
    route({
      method: "DELETE",
      path: "/users/:user_id",
      summary: "Erase a person",
      tag: "Users",
      access: ownOrAdmin,
      params: userParams,
      answers: { 200: closed({ message: messageOf("User erased successfully") }) },
      errors: [userNotFound, preconditionFailed],
      handle: async ({ params, caller, headers, requestId }) => {
        await eraseUser(deps, { userId: params.user_id, caller, ifMatch: headers["if-match"], requestId });
        return ok({ message: "User erased successfully" });
      },
    }),
    ...statusRoutes(deps),
    ...permissionRoutes(deps),
    route({
      method: "GET",
      path: "/users/:user_id/timeline",
      summary: "What happened to a user, newest first",
      tag: "Users",
      access: ownOrAdmin,
      params: userParams,
      query: closed({
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        last_evaluated_key: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      answers: {
        200: closed({
          entries: Type.Array(timelineEntrySchema),
          last_evaluated_key: Type.Unsafe<string | null>({ type: ["string", "null"] }),
        }),
      },
      errors: [userNotFound],
      handle: async ({ params, caller, query }) =>
        ok(
          await readTimeline(deps, {
            userId: params.user_id,
            caller,
            limit: query.limit,
            cursor: query.last_evaluated_key,
          }),
        ),
    }),
  ];
}

/** Status and role: separate endpoints, so that each change is audited for itself. */
function statusRoutes(deps: UsersDeps): Route<Caller>[] {
  const changed = closed({ message: messageOf("User status updated successfully"), user: userSchema });
  const errors = [userNotFound, illegalMove, preconditionFailed];
  return [
    route({
      method: "PUT",
      path: "/users/:user_id/activate",
      summary: "Set a user's status as an operator",
      tag: "Users",
      access: admin,
      params: userParams,
      body: closed({
        status: oneOf(["active", "pending_verification", "rejected", "not_verified"]),
        reason: Type.Optional(reasonSchema),
      }),
      answers: { 200: changed },
      errors,
      handle: async ({ params, body, caller, headers, requestId }) => {
        const user = await changeStatus(deps, {
          userId: params.user_id,
          target: body.status,
          reason: body.reason,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ message: "User status updated successfully", user: presentUser(user) });
      },
    }),
    route({
      method: "PUT",
      path: "/users/:user_id/deactivate",
      summary: "Deactivate a user",
      tag: "Users",
      access: admin,
      params: userParams,
      body: closed({
        updated_by: Type.String({
          maxLength: 320,
          description: "the caller's own user_id",
          examples: ["0199d3a0-0000-7a00-8000-1f2e3d4c5b6a"],
        }),
        reason: Type.Optional(reasonSchema),
      }),
      answers: {
        200: closed({
          message: messageOf("User deactivated successfully"),
          user: userSchema,
          reason: Type.Unsafe<string | null>({ type: ["string", "null"] }),
        }),
      },
      errors,
      handle: async ({ params, body, caller, headers, requestId }) => {
        if (body.updated_by.toLowerCase() !== caller.userId)
          throw invalidRequest({
            errors: { updated_by: ["must be your own user_id: the caller comes from the token"] },
          });
        const user = await changeStatus(deps, {
          userId: params.user_id,
          target: "inactive",
          reason: body.reason,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ message: "User deactivated successfully", user: presentUser(user), reason: body.reason ?? null });
      },
    }),
    route({
      method: "PUT",
      path: "/users/:user_id/status",
      summary: "Make any legal move of the lifecycle",
      tag: "Users",
      access: admin,
      params: userParams,
      body: closed({ status: lifecycleSchema, reason: reasonSchema }),
      answers: { 200: changed },
      errors,
      handle: async ({ params, body, caller, headers, requestId }) => {
        const user = await changeStatus(deps, {
          userId: params.user_id,
          target: body.status,
          reason: body.reason,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ message: "User status updated successfully", user: presentUser(user) });
      },
    }),
    route({
      method: "PUT",
      path: "/users/:user_id/role",
      summary: "Change a user's role and type",
      tag: "Users",
      access: admin,
      params: userParams,
      body: closed({ role: roleSchema, type: Type.Optional(typeSchema), reason: reasonSchema }),
      answers: { 200: changed },
      errors: [userNotFound, ladderRefused, preconditionFailed],
      handle: async ({ params, body, caller, headers, requestId }) => {
        const user = await changeRole(deps, {
          userId: params.user_id,
          ...body,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ message: "User role updated successfully", user: presentUser(user) });
      },
    }),
  ];
}

/** `GET /User/{id}/status` of the 10nPay document: exactly six fields. */
function gateRoute({ gate }: UsersDeps): Route<Caller> {
  return route({
    method: "GET",
    path: "/User/:id/status",
    summary: "May this user proceed?",
    tag: "Status gate",
    budget: "gate",
    access: anyOf<Caller>(own("id"), permission("users.status.get")),
    params: closed({ id: Type.String({ description: "int32, 1 to 2147483647, plain digits" }) }),
    query: closed({ explain: Type.Optional(oneOf(["true", "false"])) }),
    answers: { 200: gateSchema },
    errors: [userNotFound],
    readAhead: ({ rawPath }) => {
      const id = findGateId(rawPath);
      return id === undefined ? undefined : gate.read(id);
    },
    handle: async ({ query, ahead }) => {
      if (!ahead)
        throw invalidRequest({ errors: { id: ["must be an integer from 1 to 2147483647, in plain digits"] } });
      return ok(gate.answer(await ahead, { explain: query.explain === "true" }));
    },
  });
}

/** Undefined for anything but plain digits of an int32: encoded, signed and zero-led ids included. */
function findGateId(rawPath: string): number | undefined {
  const segment = rawPath.split("/")[2] ?? "";
  const id = int32.test(segment) ? Number(segment) : Number.NaN;
  return id <= largestInt32 ? id : undefined;
}
