import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { forbidden } from "../../foundation/errors/common.ts";
import { requireMatch } from "../../foundation/http/index.ts";
import { isOperator, type UserCaller } from "../access/index.ts";
import { userNotFound } from "./errors.ts";
import { lockUser } from "./lock-user.ts";
import { userEtag } from "./present-user.ts";
import type { UserRow } from "./tables.ts";
import { findUserForShare } from "./users.queries.ts";

const withAccess: readonly UserRow["status"][] = [
  "not_verified",
  "sandbox",
  "pending_verification",
  "active",
  "rejected",
];

/** The user acted upon, and who acts. */
type LockedTarget = { user: UserRow; caller: UserCaller };

/**
 * Locks a user whom somebody acts upon, and keeps an operator's own row as it is until the transaction ends: of two
 * operators who take each other's rights away at the same moment, the second one has none any more. Both rows are taken
 * in the order of their ids, so that the two never wait for each other. Erased users count as missing. `ifMatch` is the
 * If-Match header, where the caller sent one.
 *
 * @returns the user, and the caller with the rights they hold now
 * @throws user-not-found; precondition-failed; forbidden when the caller has lost their rights since the request came in
 */
export async function lockTarget(
  trx: Transaction<Database>,
  { userId, caller, ifMatch }: { userId: string; caller: UserCaller; ifMatch?: string | string[] },
): Promise<LockedTarget> {
  const locked = await lockInOrder(trx, userId, caller);
  requireMatch(ifMatch, userEtag(locked.user));
  return locked;
}

async function lockInOrder(trx: Transaction<Database>, userId: string, caller: UserCaller): Promise<LockedTarget> {
  const targetId = userId.toLowerCase();
  if (targetId === caller.userId) return { user: await lockPresentUser(trx, targetId), caller };
  const callerFirst = caller.userId < targetId ? await findUserForShare(trx, caller.userId) : undefined;
  const user = await lockPresentUser(trx, targetId);
  const actor = callerFirst ?? (await findUserForShare(trx, caller.userId));
  const present = actor && { ...caller, role: actor.role, type: actor.type };
  if (!present || !withAccess.includes(actor.status) || !isOperator(present)) {
    throw forbidden({ detail: "Your own rights were taken away at this moment." });
  }
  return { user, caller: present };
}

async function lockPresentUser(trx: Transaction<Database>, userId: string): Promise<UserRow> {
  const user = await lockUser(trx, userId);
  if (user.erased_at) throw userNotFound();
  return user;
}
