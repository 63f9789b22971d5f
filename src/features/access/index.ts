import { routesFor } from "../../foundation/http/index.ts";
import type { Caller } from "./caller.ts";

export {
  type Caller,
  callerKey,
  isOperator,
  type ServiceCaller,
  type UserCaller,
  type UserRole,
  type UserType,
} from "./caller.ts";
export {
  admin,
  anyCaller,
  anyOf,
  anyone,
  anyoneOrCaller,
  own,
  type Permission,
  permission,
  permissionCatalogue,
  permissionNames,
  plugged,
  type Rule,
  rolesRequired,
  signedByProvider,
  signedIn,
} from "./rules.ts";

/** Defines a route that our callers may call. */
export const route = routesFor<Caller>();
