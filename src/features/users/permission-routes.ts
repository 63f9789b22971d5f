import { Type } from "typebox";
import { preconditionFailed } from "../../foundation/errors/common.ts";
import { closed, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { admin, anyOf, type Caller, own, permissionNames, route, type UserCaller } from "../access/index.ts";
import { changePermissions } from "./change-permissions.ts";
import { ladderRefused, userNotFound } from "./errors.ts";
import { userEtag } from "./present-user.ts";
import { getUser } from "./read-user.ts";
import { reasonSchema, userParams, uuidSchema } from "./schemas.ts";

type PermissionDeps = Parameters<typeof changePermissions>[0];

const heldSchema = closed({
  user_id: uuidSchema,
  permissions: Type.Array(Type.String(), { examples: [["users.status.get"]] }),
});

/** Permissions of persons; those of service accounts come with the account. */
export function permissionRoutes(deps: PermissionDeps): Route<Caller>[] {
  const shared = { path: "/users/:user_id/permissions", tag: "Users", params: userParams } as const;
  return [
    route({
      ...shared,
      method: "GET",
      summary: "Read which permissions a person was given",
      access: anyOf<UserCaller>(own("user_id"), admin),
      answers: { 200: heldSchema },
      errors: [userNotFound],
      handle: async ({ params }) => {
        const user = await getUser(deps, params.user_id);
        return ok({ user_id: user.user_id, permissions: user.permissions }, { etag: userEtag(user) });
      },
    }),
    route({
      ...shared,
      method: "PUT",
      summary: "Give a person exactly these permissions",
      access: admin,
      body: closed({
        permissions: Type.Array(oneOf(permissionNames), { uniqueItems: true, maxItems: 100 }),
        reason: reasonSchema,
      }),
      answers: { 200: heldSchema },
      errors: [userNotFound, ladderRefused, preconditionFailed],
      handle: async ({ params, body, caller, headers, requestId }) => {
        const user = await changePermissions(deps, {
          userId: params.user_id,
          ...body,
          caller,
          ifMatch: headers["if-match"],
          requestId,
        });
        return ok({ user_id: user.user_id, permissions: user.permissions }, { etag: userEtag(user) });
      },
    }),
  ];
}
