import type { LifecycleEvent, Mover } from "../../src/features/lifecycle/index.ts";

/** One step of a life here: what happened, through whom, and how long after the step before, typically. */
export type Step = { event: LifecycleEvent; by: Mover; afterHours: number };

/** A way through the lifecycle, and how many of a hundred users go it. */
export type Journey = { share: number; steps: readonly Step[] };

const confirmed: Step = { event: "email-confirmed", by: "user", afterHours: 0.1 };
const started: Step = { event: "verification-started", by: "provider", afterHours: 20 };
const expired: Step = { event: "verification-expired", by: "provider", afterHours: 168 };
const approved: Step = { event: "verification-approved", by: "provider", afterHours: 1.5 };
const declined: Step = { event: "verification-declined", by: "provider", afterHours: 3 };
const later = 24 * 120;

/** Together they reach all nine states. Whoever registered a short while ago has gone only part of the way. */
// biome-ignore format: a table reads best aligned
export const journeys: readonly Journey[] = [
  { share: 8,   steps: [] },
  { share: 11,  steps: [confirmed] },
  { share: 3,   steps: [confirmed, started, expired] },
  { share: 0.5, steps: [confirmed, { event: "made-sandbox", by: "operator", afterHours: 48 }] },
  { share: 5,   steps: [confirmed, started] },
  { share: 57,  steps: [confirmed, started, approved] },
  { share: 3,   steps: [confirmed, started, expired, started, approved] },
  { share: 3,   steps: [confirmed, started, approved, { event: "deactivated", by: "operator", afterHours: later }] },
  { share: 1,   steps: [confirmed, started, approved, { event: "deactivated", by: "operator", afterHours: later }, { event: "reactivated", by: "operator", afterHours: 72 }] },
  { share: 1.5, steps: [confirmed, started, approved, { event: "closed", by: "user", afterHours: later }] },
  { share: 0.5, steps: [confirmed, { event: "closed", by: "user", afterHours: 400 }] },
  { share: 4,   steps: [confirmed, started, declined] },
  { share: 1,   steps: [confirmed, started, approved, { event: "verification-declined", by: "provider", afterHours: later }] },
  { share: 1,   steps: [confirmed, started, approved, { event: "blocked", by: "operator", afterHours: later }] },
  { share: 0.5, steps: [confirmed, started, approved, { event: "provider-blocked", by: "provider", afterHours: later }] },
];

/** The way of operators: cleared, as staff are before they get their rights. */
export const operatorJourney: Journey = { share: 0, steps: [confirmed, started, approved] };
