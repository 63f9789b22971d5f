import { Type } from "typebox";
import { invalidRequest, preconditionFailed } from "../../foundation/errors/common.ts";
import { closed, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { admin, type Caller, route } from "../access/index.ts";
import { illegalMove } from "../lifecycle/index.ts";
import { changeRole } from "./change-role.ts";
import { changeStatus } from "./change-status.ts";
import { ladderRefused, userNotFound } from "./errors.ts";
import { presentUser } from "./present-user.ts";
import { lifecycleSchema, reasonSchema, roleSchema, typeSchema, userParams, userSchema } from "./schemas.ts";

type StatusDeps = Parameters<typeof changeStatus>[0] & Parameters<typeof changeRole>[0];

const messageOf = (example: string) => Type.String({ examples: [example] });

/** Status and role: separate endpoints, so that each change is audited for itself. */
export function statusRoutes(deps: StatusDeps): Route<Caller>[] {
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
