import { Type } from "typebox";
import type { Cursors, KeyedHash, PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { preconditionFailed } from "../../foundation/errors/common.ts";
import { closed, ok, type Route } from "../../foundation/http/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import { admin, anyOf, type Caller, own, plugged, route, type UserCaller } from "../access/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { eraseUser, type ForgetPerson } from "./erase-user.ts";
import { phoneTaken, userNotFound, verifiedDataLocked } from "./errors.ts";
import { gateRoute } from "./gate-route.ts";
import { type ListAdministeredOrganisations, listUsers } from "./list-users.ts";
import type { MoveDeps } from "./move-user.ts";
import { permissionRoutes } from "./permission-routes.ts";
import { presentUser, userEtag } from "./present-user.ts";
import type { Gate } from "./read-gate.ts";
import { readTimeline } from "./read-timeline.ts";
import { getUser } from "./read-user.ts";
import {
  pcxStatusSchema,
  roleSchema,
  timelineEntrySchema,
  typeSchema,
  userParams,
  userSchema,
  uuidSchema,
} from "./schemas.ts";
import { statusRoutes } from "./status-routes.ts";
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
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

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
