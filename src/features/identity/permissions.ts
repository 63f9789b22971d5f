import { permissionNames } from "../access/index.ts";
import type { CallerStanding } from "../users/index.ts";

/** What of the held permissions counts within a token's scope. A token that asked for none carries all. */
export function permissionsWithin(held: readonly string[], scope: readonly string[]): readonly string[] {
  return scope.length === 0 ? held : held.filter((name) => scope.includes(name));
}

/** What a person holds: an operator all there is, everybody else what was given to them. */
export function personPermissions({
  type,
  permissions,
}: Pick<CallerStanding, "type" | "permissions">): readonly string[] {
  return type === "internal-admin" ? permissionNames : permissions;
}
