import type { Selectable } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { ProviderName, SignatureVerdict, Verdict } from "./port.ts";

/** Where a session stands. `reserved`: we are about to ask the provider; nobody is shown it. */
export type SessionState = "reserved" | "created" | "started" | "submitted" | "success" | "rejected" | "expired";

/** `required` clears the person; `optional` sets a flag of its own and never moves the lifecycle. */
export type Purpose = "required" | "optional";

/** What the caller asked for when the session was opened. */
export type OriginalRequest = { callback: string; purpose: Purpose };

type SessionWords = {
  provider: ProviderName;
  state: SessionState;
  purpose: Purpose;
  verdict: Verdict | null;
  original_request: OriginalRequest;
};

/** One session as stored. */
export type SessionRow = Omit<Selectable<Database["kyc_sessions"]>, keyof SessionWords> & SessionWords;

/**
 * What became of a delivery. `applied`: it changed its session, and the person's standing where that followed ·
 * `no-change`: known already, older or weaker than what stands · `session-only`: its session followed, the person did
 * not, because a newer session took its place · `unmatched`: no session has its id yet · `foreign-subject`: it names
 * another person than the session's · `contradictory`, `unknown`, `unreadable`: kept, no effect · `refused`: the
 * signature does not hold · `subject-erased`: nothing of the body was kept.
 */
export const outcomes = [
  "applied",
  "no-change",
  "session-only",
  "unmatched",
  "foreign-subject",
  "contradictory",
  "unknown",
  "unreadable",
  "refused",
  "subject-erased",
] as const;

export type Outcome = (typeof outcomes)[number];

/** What makes two deliveries the same: the provider's name of the event where it gives one, else the bytes. */
export type DeliveryKey = { provider: ProviderName; contentHash: Buffer; eventId: string | undefined };

/** One delivery as stored. */
export type DeliveryRow = Omit<
  Selectable<Database["webhook_deliveries"]>,
  "outcome" | "provider" | "headers" | "signature"
> & {
  outcome: Outcome;
  provider: ProviderName;
  signature: SignatureVerdict;
  headers: Record<string, string>;
};
