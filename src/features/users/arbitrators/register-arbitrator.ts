import type { Transaction } from "kysely";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { Database } from "../../../foundation/database/index.ts";
import type { Actor, Journal } from "../../journal/index.ts";
import type { UserRow } from "../tables.ts";
import { insertArbitrator, updateVerification } from "./arbitrators.queries.ts";

/** What due diligence looked at. */
const examined = ["fname", "lname", "website"] as const;

/**
 * Keeps in the register that a user offers to arbitrate, as `external`; an entry that is there stays. The caller holds the
 * user's lock.
 */
export async function registerArbitrator(
  { clock }: { clock: Clock },
  trx: Transaction<Database>,
  userId: string,
): Promise<void> {
  await insertArbitrator(trx, userId, clock.now());
}

/**
 * Takes a verification back when its owner changes what was examined: name or website. Otherwise somebody verified
 * could become somebody else. Nothing happens to those who are not verified.
 */
export async function withdrawVerification(
  deps: { clock: Clock; journal: Journal },
  trx: Transaction<Database>,
  change: { before: UserRow; after: UserRow; actor: Actor; requestId: string },
): Promise<void> {
  const { before, after, actor, requestId } = change;
  if (examined.every((field) => before[field] === after[field])) return;
  const now = deps.clock.now();
  const held = await updateVerification(trx, after.user_id, "external", { by: actor.id, now });
  if (held !== "verified") return;
  await deps.journal.record(trx, {
    actor,
    action: "user.arbitrator-verification-withdrawn",
    subject: { kind: "user", id: after.user_id },
    changes: { verification: { before: "verified", after: "external" } },
    requestId,
  });
}
