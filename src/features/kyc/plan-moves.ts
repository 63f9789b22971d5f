import type { LifecycleEvent } from "../lifecycle/index.ts";
import type { Standing } from "./derive-session.ts";

/** What each standing means to the lifecycle. */
const events: Record<Standing, LifecycleEvent | undefined> = {
  none: undefined,
  pending: "verification-started",
  approved: "verification-approved",
  declined: "verification-declined",
  expired: "verification-expired",
  blocked: "provider-blocked",
};

/**
 * What happens to a person whose joint standing changes. A block that ended first gives back what it interrupted; then
 * comes what the standing has become. Each is tried on the lifecycle; one that it does not know from there moves nothing.
 */
export function planMoves(before: Standing, after: Standing): LifecycleEvent[] {
  if (before === after) return [];
  const own = events[after];
  return [...(before === "blocked" ? (["provider-unblocked"] as const) : []), ...(own ? [own] : [])];
}

/**
 * In whose name a provider's rejection or block is lifted. The rule that joins the providers has weighed all of them: what
 * one of them brought about does not outlive the joint standing, whoever spoke last. What an operator brought about does.
 */
export function whoseStandIsLifted(
  user: { status_by: string | null },
  { providers, speaker }: { providers: Record<string, unknown>; speaker: string },
): string {
  return user.status_by !== null && Object.hasOwn(providers, user.status_by) ? user.status_by : speaker;
}
