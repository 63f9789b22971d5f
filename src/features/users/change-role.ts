import type { Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { UserCaller, UserRole, UserType } from "../access/index.ts";
import { actorOf, type Journal } from "../journal/index.ts";
import { requireGrantable } from "./ladder.ts";
import { lockTarget } from "./lock-target.ts";
import type { UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/**
 * Gives a user another role, and type where asked. Works on the user's next request: rights are re-read each time.
 *
 * @throws user-not-found, forbidden, grant-refused, precondition-failed
 */
export async function changeRole(
  deps: { db: Db; clock: Clock; journal: Journal },
  order: {
    userId: string;
    role: UserRole;
    type?: UserType;
    reason: string;
    caller: UserCaller;
    ifMatch?: string | string[];
    requestId: string;
  },
): Promise<UserRow> {
  return deps.db.transaction().execute(async (trx) => {
    const { user, caller } = await lockTarget(trx, order);
    const type = order.type ?? user.type;
    requireGrantable(caller, { userId: user.user_id, from: user, to: { role: order.role, type } });
    const updated = await updateUserRow(trx, user.user_id, { role: order.role, type }, deps.clock.now());
    await deps.journal.record(trx, {
      actor: actorOf(order.caller),
      action: "user.role-changed",
      subject: { kind: "user", id: user.user_id },
      changes: {
        role: { before: user.role, after: updated.role },
        type: { before: user.type, after: updated.type },
      },
      personal: { reason: order.reason },
      requestId: order.requestId,
    });
    return updated;
  });
}
