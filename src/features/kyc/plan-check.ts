import { addSeconds } from "../../foundation/clock/index.ts";
import type { SessionState } from "./tables.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * When the provider is asked about a session that we hear nothing of, in seconds after its last change and then after
 * each question without news. Open ones go on daily until they end. Decisions can change later, and the webhook that
 * tells can be lost: decided ones are asked again after a day, a week and a month, and then left alone.
 */
const waits: Record<Exclude<SessionState, "reserved">, { seconds: readonly number[]; thenDaily: boolean }> = {
  created: { seconds: [3 * hour, 12 * hour], thenDaily: true },
  started: { seconds: [15 * minute, hour, 6 * hour], thenDaily: true },
  submitted: { seconds: [15 * minute, hour, 6 * hour], thenDaily: true },
  success: { seconds: [day, 7 * day, 30 * day], thenDaily: false },
  rejected: { seconds: [day, 7 * day, 30 * day], thenDaily: false },
  expired: { seconds: [day, 7 * day], thenDaily: false },
};

/** Open longer than this without a word, a session counts as silent. */
export const silentAfterSeconds = { created: 3 * hour, started: 15 * minute, submitted: 15 * minute };

/** The moment of the next question after `checks` of them without news, counted from `from`; null for never. */
export function planCheck(state: SessionState, checks: number, from: Date): Date | null {
  if (state === "reserved") return null;
  const { seconds, thenDaily } = waits[state];
  const wait = seconds[checks] ?? (thenDaily ? day : undefined);
  return wait === undefined ? null : addSeconds(from, wait);
}
