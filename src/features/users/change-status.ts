import type { Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { findMove, illegalMove, type LifecycleEvent, lifecycleEvents, type UserStatus } from "../lifecycle/index.ts";
import { lockTarget } from "./lock-target.ts";
import { type MoveDeps, moveUser } from "./move-user.ts";
import type { UserRow } from "./tables.ts";

/** An operator's order: which state, why. */
export type StatusOrder = {
  userId: string;
  target: UserStatus;
  reason?: string;
  caller: UserCaller;
  ifMatch?: string | string[];
  requestId: string;
};

/**
 * Brings a user into a state by an operator's legal move. From `inactive` the way leads through reactivation: first
 * back to what was held before, then on to the target where that is another state.
 *
 * @throws user-not-found, forbidden, illegal-move naming both states, precondition-failed
 */
export async function changeStatus(deps: MoveDeps & { db: Db }, order: StatusOrder): Promise<UserRow> {
  return deps.db.transaction().execute(async (trx) => {
    const { user } = await lockTarget(trx, order);
    const returns = user.status === "inactive" && order.target !== "closed" && order.target !== "inactive";
    const returned = returns ? await reactivate(deps, trx, user, order) : user;
    if (returned !== user && returned.status === order.target) return returned;
    const standing = returns ? `${user.status}, and was ${returned.status} before,` : user.status;
    return moveTowards(deps, trx, { user: returned, standing }, order);
  });
}

async function reactivate(
  deps: MoveDeps,
  trx: Transaction<Database>,
  user: UserRow,
  order: StatusOrder,
): Promise<UserRow> {
  return moveUser(deps, trx, { ...why(order), user, event: "reactivated" });
}

async function moveTowards(
  deps: MoveDeps,
  trx: Transaction<Database>,
  { user, standing }: { user: UserRow; standing: string },
  order: StatusOrder,
): Promise<UserRow> {
  const event = eventTowards(user, order.target);
  if (!event) throw illegalMove({ detail: `A user who is ${standing} cannot become ${order.target}.` });
  return moveUser(deps, trx, { ...why(order), user, event });
}

/** The operator's event that leads from where the user stands to the target, if the table has one. */
function eventTowards(user: UserRow, target: UserStatus): LifecycleEvent | undefined {
  const standing = { status: user.status, statusBefore: user.status_before, statusBy: user.status_by };
  return lifecycleEvents.find(
    (event) =>
      event !== "document-changed" &&
      event !== "email-confirmed" &&
      findMove(standing, { event, mover: "operator", name: "operator" }) === target,
  );
}

const why = (order: StatusOrder) => ({
  actor: actorOf(order.caller),
  reason: order.reason,
  requestId: order.requestId,
});
