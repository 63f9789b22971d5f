import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { Actor, Journal } from "../journal/index.ts";
import { decideMove, type LifecycleEvent, type Mover, type UserStatus } from "../lifecycle/index.ts";
import type { UserChanges, UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/** Ends every log-in of a user, in the transaction that takes their access away; identity provides it. */
export type EndSessions = (trx: Transaction<Database>, userId: string) => Promise<void>;

/** Lets a user log in again wherever that was refused, in the transaction that gives the access back; identity provides it. */
export type RestoreAccess = (trx: Transaction<Database>, userId: string) => Promise<void>;

/** What moving a user needs. */
export type MoveDeps = { clock: Clock; journal: Journal; endSessions: EndSessions; restoreAccess: RestoreAccess };

/** States without access: whoever enters one has no live log-in any more. */
const withoutAccess: readonly UserStatus[] = ["inactive", "blocked", "closed"];

/** Why and through whom a user moves. */
export type UserMove = {
  /** The row as `lockUser` gave it. */
  user: UserRow;
  event: LifecycleEvent;
  actor: Actor;
  /** Free text, kept sealed in the journal. */
  reason?: string | null;
  requestId?: string;
  /** The provider whose rejection or block a provider lifts, where that is not the actor itself. */
  lifts?: string;
  /** Columns that change with the state, such as the time an e-mail address was confirmed. */
  also?: UserChanges;
};

/** Which line of the table an actor moves on. */
function moverOf(actor: Actor, user: UserRow): Mover {
  if (actor.kind === "provider") return "provider";
  if (actor.kind === "user") return actor.id === user.user_id ? "user" : "operator";
  return actor.kind === "service" ? "operator" : actor.kind === "anonymous" ? "user" : "system";
}

/**
 * Moves a user along the lifecycle: decides by the table, writes the new state and one journal entry, and ends the
 * user's log-ins where the new state takes their access away, or lets them log in again where it gives it back.
 *
 * @throws illegal-move (409) naming both states
 */
export async function moveUser(
  deps: MoveDeps,
  trx: Transaction<Database>,
  { user, event, actor, lifts, reason, requestId, also }: UserMove,
): Promise<UserRow> {
  const mover = moverOf(actor, user);
  const by = mover === "provider" ? actor.id : mover;
  const to = decideMove(
    { status: user.status, statusBefore: user.status_before, statusBy: user.status_by },
    { event, mover, name: lifts ?? by },
  );
  const interrupts = to === "inactive" || to === "blocked";
  // Whoever comes back stands as before, by whoever put them there: a provider's rejection stays the provider's to lift.
  const returns = event === "reactivated" || event === "unblocked" || event === "provider-unblocked";
  const now = deps.clock.now();
  const moved = await updateUserRow(
    trx,
    user.user_id,
    {
      ...also,
      status: to,
      status_before: interrupts ? user.status : null,
      status_by: returns ? user.status_by_before : by,
      status_by_before: interrupts ? user.status_by : null,
      status_since: now,
    },
    now,
  );
  await deps.journal.record(trx, {
    actor,
    action: `user.${event}`,
    subject: { kind: "user", id: user.user_id },
    changes: { status: { before: user.status, after: to } },
    ...(reason ? { personal: { reason } } : {}),
    requestId,
  });
  if (withoutAccess.includes(to)) await deps.endSessions(trx, user.user_id);
  else if (withoutAccess.includes(user.status)) await deps.restoreAccess(trx, user.user_id);
  return moved;
}
