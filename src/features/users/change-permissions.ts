import type { Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { Permission, UserCaller } from "../access/index.ts";
import { actorOf, type Journal } from "../journal/index.ts";
import { requireGrantable } from "./ladder.ts";
import { lockTarget } from "./lock-target.ts";
import type { UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/**
 * Gives a person exactly these permissions, by the rules of the ladder: an internal-admin holds all of them, gives none
 * to themselves and decides about nobody who stands higher. Works on the person's next request.
 *
 * @throws user-not-found, forbidden, grant-refused, precondition-failed
 */
export async function changePermissions(
  deps: { db: Db; clock: Clock; journal: Journal },
  order: {
    userId: string;
    permissions: readonly Permission[];
    reason: string;
    caller: UserCaller;
    ifMatch?: string | string[];
    requestId: string;
  },
): Promise<UserRow> {
  return deps.db.transaction().execute(async (trx) => {
    const { user, caller } = await lockTarget(trx, order);
    requireGrantable(caller, { userId: user.user_id, from: user, to: user });
    const permissions = [...order.permissions].sort();
    const updated = await updateUserRow(trx, user.user_id, { permissions }, deps.clock.now());
    await deps.journal.record(trx, {
      actor: actorOf(order.caller),
      action: "user.permissions-changed",
      subject: { kind: "user", id: user.user_id },
      changes: { permissions: { before: user.permissions, after: permissions } },
      personal: { reason: order.reason },
      requestId: order.requestId,
    });
    return updated;
  });
}
