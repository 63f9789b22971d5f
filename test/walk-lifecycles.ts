import { sql } from "kysely";
import { type Mover, transitions } from "../src/features/lifecycle/index.ts";
import type { Db } from "../src/foundation/database/index.ts";

type Step = {
  userId: string;
  action: string;
  actorKind: string;
  actorId: string;
  before: string | null;
  after: string;
};

/**
 * Walks every user's moves as the journal tells them, one by one, along the lifecycle's table: each begins where the one
 * before has ended, on a declared edge by a declared mover, and the last ends where the row stands (I4).
 */
export async function findBadLifecycles(db: Db): Promise<string[]> {
  const users = await sql<{ user_id: string; status: string }>`select user_id, status from users`.execute(db);
  const steps = new Map(users.rows.map((user) => [user.user_id, [] as Step[]]));
  for (const step of await listSteps(db)) steps.get(step.userId)?.push(step);
  return users.rows.flatMap(({ user_id, status }) => findFaults(user_id, status, steps.get(user_id) ?? []));
}

async function listSteps(db: Db): Promise<Step[]> {
  const { rows } = await sql<Step>`
    select subject_id as "userId", action, actor_kind as "actorKind", actor_id as "actorId",
      canonical::jsonb #>> '{changes,status,before}' as before, canonical::jsonb #>> '{changes,status,after}' as after
    from journal_entries
    where subject_kind = 'user' and canonical::jsonb #> '{changes,status}' is not null
    order by seq`.execute(db);
  return rows;
}

function findFaults(userId: string, status: string, [first, ...moves]: Step[]): string[] {
  if (first?.action !== "user.registered" || first.before !== null)
    return [`${userId} does not begin with a registration`];
  const faults: string[] = [];
  let at = first.after;
  let held: string | undefined;
  for (const move of moves) {
    if (move.before !== at) faults.push(`${userId} was ${at} and moves from ${move.before} by ${move.action}`);
    if (!isDeclared(move, held))
      faults.push(`${userId} moves from ${move.before} to ${move.after} by ${move.action}: no such edge`);
    held = move.after === "inactive" || move.after === "blocked" ? (move.before ?? undefined) : undefined;
    at = move.after;
  }
  if (at !== status) faults.push(`${userId} is ${status}, the journal ends with ${at}`);
  return faults;
}

function isDeclared(move: Step, held: string | undefined): boolean {
  return transitions.some(
    ([from, event, to, by]) =>
      from === move.before &&
      `user.${event}` === move.action &&
      by.includes(moverOf(move)) &&
      (to === move.after || (to === "(held before)" && held === move.after)),
  );
}

function moverOf({ userId, actorKind, actorId }: Step): Mover {
  if (actorKind === "user") return actorId === userId ? "user" : "operator";
  if (actorKind === "provider" || actorKind === "system") return actorKind;
  return actorKind === "service" ? "operator" : "user";
}
