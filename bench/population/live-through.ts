import type { Actor } from "../../src/features/journal/index.ts";
import { decideMove, type LifecycleEvent, type Standing, type UserStatus } from "../../src/features/lifecycle/index.ts";
import { addSeconds } from "../../src/foundation/clock/index.ts";
import type { Journey, Step } from "./journeys.ts";
import type { Random } from "./random.ts";

/** One move of a user, as it is journalled. */
export type Moved = { event: LifecycleEvent; actor: Actor; at: Date; from: UserStatus; to: UserStatus };

/** What became of a user. */
export type Life = { standing: Standing; since: Date; moves: readonly Moved[] };

type Begin = { userId: string; createdAt: Date; until: Date; operatorIds: readonly string[] };

/**
 * Goes a journey's steps from registration on, as far as `until`. The lifecycle's own table decides where each leads,
 * so that no user has a history that Usher would have refused.
 *
 * @throws illegal-move when a journey has a step that is not in the table
 */
export function liveThrough(random: Random, journey: Journey, begin: Begin): Life {
  let standing: Standing = { status: "pending", statusBefore: null, statusBy: null };
  let since = begin.createdAt;
  const moves: Moved[] = [];
  for (const step of journey.steps) {
    const at = addSeconds(since, Math.ceil(drawHours(random, step.afterHours) * 3600));
    if (at > begin.until) break;
    const actor = actorOfStep(random, step, begin);
    const by = step.by === "provider" ? actor.id : step.by;
    const to = decideMove(standing, { event: step.event, mover: step.by, name: by });
    moves.push({ event: step.event, actor, at, from: standing.status, to });
    const interrupts = to === "inactive" || to === "blocked";
    standing = { status: to, statusBefore: interrupts ? standing.status : null, statusBy: by };
    since = at;
  }
  return { standing, since, moves };
}

/** Waiting times have a long tail: exponential, cut at eight times the mean. */
function drawHours(random: Random, meanHours: number): number {
  return Math.min(8, -Math.log(1 - random.next())) * meanHours;
}

function actorOfStep(random: Random, { by }: Step, { userId, operatorIds }: Begin): Actor {
  if (by === "provider") return { kind: "provider", id: "veriff" };
  const operator = by === "operator" ? operatorIds[random.below(operatorIds.length)] : undefined;
  return { kind: "user", id: operator ?? userId };
}
