import type { Play } from "./play-action.ts";

/**
 * Whole courses of a session, by name. A client that sends a person whose first name is one of these, in whatever case,
 * gets that course without anybody touching a page, as with Sumsub's sandbox and in old versions of Veriff's own.
 */
export const scenarios: Record<string, readonly Play[]> = {
  Approve: [{ action: "started" }, { action: "submitted" }, { action: "approve" }],
  Decline: [{ action: "started" }, { action: "submitted" }, { action: "decline" }],
  Resubmit: [{ action: "started" }, { action: "submitted" }, { action: "resubmit" }],
  "Resubmit-then-approve": [
    { action: "resubmit" },
    { action: "started" },
    { action: "submitted" },
    { action: "approve" },
  ],
  Review: [{ action: "started" }, { action: "submitted" }, { action: "review" }],
  "Review-then-approve": [{ action: "review" }, { action: "approve" }],
  "Review-then-decline": [{ action: "review" }, { action: "decline" }],
  "Approve-then-decline": [{ action: "approve" }, { action: "decline" }],
  "Decline-then-approve": [{ action: "decline" }, { action: "approve" }],
  Submit: [{ action: "started" }, { action: "submitted" }],
  Expire: [{ action: "expire" }],
  Abandon: [{ action: "started" }, { action: "abandon" }],
};

/** The scenario of a name; undefined for everybody else. */
export function findScenario(name: string | null | undefined): { name: string; plays: readonly Play[] } | undefined {
  const wanted = name?.trim().toLowerCase();
  const found = Object.entries(scenarios).find(([known]) => known.toLowerCase() === wanted);
  return found && { name: found[0], plays: found[1] };
}
