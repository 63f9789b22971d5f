export { collectEntries } from "./collect-entries.ts";
export { type Actor, actorOf, type Change, type NewEntry, type PersonalPart, type Subject } from "./entry.ts";
export type { FirstBad } from "./first-bad.ts";
export { listTimeline, type TimelineEntry } from "./list-timeline.ts";
export { keysFileOf } from "./publish-key.ts";
export { createJournal, type Journal } from "./record-entries.ts";
export { createSealer, type Sealer, type SealerDeps } from "./seal-entries.ts";
export { toPublicJwk } from "./sign-checkpoint.ts";
export { type AuditReport, verifyJournal } from "./verify-journal.ts";
