import { illegalMove } from "./errors.ts";
import { type LifecycleEvent, type Mover, transitions, type UserStatus } from "./transitions.ts";

/** Where a user stands, as far as the lifecycle is concerned. */
export type Standing = {
  status: UserStatus;
  /** The state that deactivation or blocking interrupted, and that their end returns to. */
  statusBefore: UserStatus | null;
  /** Who brought about the present state: `operator`, or the name of a provider. */
  statusBy: string | null;
};

/** What happens, and through whom. `name` is the provider's where a provider moves. */
export type Move = { event: LifecycleEvent; mover: Mover; name: string };

/**
 * The state that a move leads to, or undefined where the table does not know the move. A provider lifts only what the
 * same provider brought about: its own rejection, its own block.
 */
export function findMove(standing: Standing, move: Move): UserStatus | undefined {
  const line = transitions.find(([from, event]) => from === standing.status && event === move.event);
  if (!line) return undefined;
  const [from, , to, by] = line;
  if (!by.includes(move.mover)) return undefined;
  const undoes = move.mover === "provider" && (from === "rejected" || from === "blocked");
  if (undoes && move.event !== "provider-blocked" && standing.statusBy !== move.name) return undefined;
  if (to !== "(held before)") return to;
  return standing.statusBefore ?? undefined;
}

/**
 * The state that a move leads to.
 *
 * @throws illegal-move naming the present state and the move
 */
export function decideMove(standing: Standing, move: Move): UserStatus {
  const to = findMove(standing, move);
  if (to === undefined) throw illegalMove({ detail: describeRefusal(standing, move) });
  return to;
}

/** Both states by name: the one held and the one that the move would have led to. */
function describeRefusal(standing: Standing, move: Move): string {
  const target = transitions.find(([, event]) => event === move.event)?.[2];
  return `A user who is ${standing.status} cannot become ${target === "(held before)" ? "what they were before" : target} by "${move.event}".`;
}
