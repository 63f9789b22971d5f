import type { AccessRule } from "../../foundation/http/index.ts";
import type { Caller, UserCaller } from "./caller.ts";

/** A rule of our callers; `Granted` is what the handler behind it receives. */
export type Rule<Granted extends Caller | undefined> = AccessRule<Caller, Granted>;

/** Everybody; a token is not read. */
export const anyone: Rule<undefined> = { describe: "anyone", token: "none", permissions: [], allows: () => true };

/** Everybody; a token counts where it is sent. */
export const anyoneOrCaller: Rule<Caller | undefined> = {
  describe: "anyone, or a caller with a token",
  token: "optional",
  permissions: [],
  allows: () => true,
};

/** The provider, proven by its signature, which the use case checks over the raw body. */
export const signedByProvider: Rule<undefined> = {
  describe: "the provider, by its signature",
  token: "none",
  permissions: [],
  allows: () => true,
};

/** Any person with a token. */
export const signedIn: Rule<UserCaller> = {
  describe: "any signed-in user",
  token: "required",
  permissions: [],
  allows: (caller) => caller.kind === "user",
};

/** Anybody with a token: a person or a service account. */
export const anyCaller: Rule<Caller> = {
  describe: "any caller with a token",
  token: "required",
  permissions: [],
  allows: () => true,
};

/**
 * The middleware that the PCX document calls `roles_required`, as one function: persons of one of the named types.
 */
export function rolesRequired(...types: UserCaller["type"][]): Rule<UserCaller> {
  return {
    describe: types.join(" or "),
    token: "required",
    permissions: [],
    // An app that a person let in never has the power of their type, only of the permissions in its scope.
    allows: (caller) => caller.kind === "user" && !caller.viaApp && types.includes(caller.type),
  };
}

/** Operators only. */
export const admin: Rule<UserCaller> = rolesRequired("internal-admin");

/** The person whose `user_id` (UUID) or `id` (int32) stands in the path. */
export function own(param: "user_id" | "id"): Rule<UserCaller> {
  return {
    describe: "the user's own record",
    token: "required",
    permissions: [],
    allows: (caller, params) =>
      caller.kind === "user" &&
      (param === "id" ? String(caller.id) === params[param] : caller.userId === String(params[param]).toLowerCase()),
  };
}

/** A service account or person holding the permission; an operator holds all. */
export function permission(name: Permission): Rule<Caller> {
  return {
    describe: `permission ${name}`,
    token: "required",
    permissions: [name],
    allows: (caller) => caller.permissions.includes(name),
  };
}

/** A rule that asks another feature, which `app.ts` plugs in. */
export function plugged(
  describe: string,
  allows: (caller: UserCaller, params: Record<string, unknown>) => Promise<boolean>,
): Rule<UserCaller> {
  return {
    describe,
    token: "required",
    permissions: [],
    allows: async (caller, params) => caller.kind === "user" && (await allows(caller, params)),
  };
}

/** Open to whoever one of the rules lets in; asked in the given order, cheapest first. */
export function anyOf<Granted extends Caller>(...rules: Rule<Granted>[]): Rule<Granted> {
  return {
    describe: rules.map((rule) => rule.describe).join(", or "),
    token: "required",
    permissions: rules.flatMap((rule) => [...rule.permissions]),
    allows: (caller, params) => {
      const askFrom = (index: number): boolean | Promise<boolean> => {
        const allowed = rules[index]?.allows(caller, params) ?? false;
        if (typeof allowed !== "boolean") return allowed.then((yes) => yes || askFrom(index + 1));
        return allowed || (index + 1 < rules.length && askFrom(index + 1));
      };
      return askFrom(0);
    },
  };
}

/** Every permission there is, with what it opens: the scopes in OpenAPI. */
export const permissionCatalogue = {
  "users.status.get": "Read the status gate of any user",
  "users.lookup": "Find a user by e-mail address, for agreement invitations",
  "ekyc.session.list": "List users with their eKYC sessions",
  "ekyc.session.get": "Read a user's eKYC sessions and status",
  "ekyc.session.create": "Open an eKYC session for a user",
  "tokens.introspect": "Ask whether tokens of others count (RFC 7662)",
} as const;

export type Permission = keyof typeof permissionCatalogue;

/** Every permission's exact name. */
export const permissionNames = Object.keys(permissionCatalogue) as readonly Permission[];
