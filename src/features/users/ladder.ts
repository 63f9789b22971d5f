import type { UserCaller, UserRole, UserType } from "../access/index.ts";
import { ladderRefused } from "./errors.ts";

/** The ladder of `domain.md`: equal rungs stand beside each other. */
const roleRung: Record<UserRole, number> = { retail: 0, freelancer: 0, "org-staff": 1, admin: 2, "super-admin": 3 };
const typeRung: Record<UserType, number> = { user: 0, merchant: 0, staff: 1, "org-admin": 2, "internal-admin": 3 };

type Rights = { role: UserRole; type: UserType };

/**
 * Whether a caller may give a user these rights: only an internal-admin grants, never more than they hold, never to
 * themselves, never over somebody who stands higher; `super-admin` and `internal-admin` only a super-admin.
 *
 * @throws grant-refused naming the rule
 */
export function requireGrantable(caller: UserCaller, grant: { userId: string; from?: Rights; to: Rights }): void {
  const refuse = (detail: string): never => {
    throw ladderRefused({ detail });
  };
  if (caller.type !== "internal-admin") refuse("Only an internal-admin grants roles and types.");
  if (caller.userId === grant.userId) refuse("Nobody changes their own role or type.");
  for (const rights of [grant.from, grant.to]) {
    if (!rights) continue;
    if (roleRung[rights.role] > roleRung[caller.role]) refuse(`The role ${rights.role} stands above your own.`);
    const highest = rights.role === "super-admin" || rights.type === "internal-admin";
    if (highest && caller.role !== "super-admin")
      refuse("Only a super-admin decides about super-admins and internal-admins.");
    if (typeRung[rights.type] > typeRung[caller.type]) refuse(`The type ${rights.type} stands above your own.`);
  }
}
