import type { Clock } from "../../../foundation/clock/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import type { UserCaller } from "../../access/index.ts";
import { actorOf, type Journal } from "../../journal/index.ts";
import { ladderRefused } from "../errors.ts";
import { lockTarget } from "../lock-target.ts";
import { updateVerification, type Verification } from "./arbitrators.queries.ts";
import { arbitratorNotFound } from "./errors.ts";

/**
 * Records an operator's due diligence on an arbitrator, or takes it back; nobody vouches for themselves.
 *
 * @throws user-not-found, arbitrator-not-found, grant-refused, forbidden
 */
export async function verifyArbitrator(
  deps: { db: Db; clock: Clock; journal: Journal },
  order: { userId: string; verification: Verification; reason: string; caller: UserCaller; requestId: string },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    const { user, caller } = await lockTarget(trx, order);
    if (user.user_id === caller.userId) throw ladderRefused({ detail: "Nobody verifies themselves." });
    const facts = { by: caller.userId, now: deps.clock.now() };
    const before = await updateVerification(trx, user.user_id, order.verification, facts);
    if (before === undefined) throw arbitratorNotFound();
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: order.verification === "verified" ? "user.arbitrator-verified" : "user.arbitrator-verification-withdrawn",
      subject: { kind: "user", id: user.user_id },
      changes: { verification: { before, after: order.verification } },
      personal: { reason: order.reason },
      requestId: order.requestId,
    });
  });
}
