import type { CustomerStatus } from "./customer.ts";

/** One step of a scenario: accepting the terms, or a status. */
export type ScenarioStep = "accept-terms" | CustomerStatus;

/**
 * Whole courses of a customer, by name. A client that opens a customer whose first name is one of these, in whatever case,
 * gets that course without anybody touching a page. The names are those of the Veriff double, where Bridge has the like.
 */
export const scenarios: Record<string, readonly ScenarioStep[]> = {
  Approve: ["accept-terms", "under_review", "active"],
  Decline: ["accept-terms", "under_review", "rejected"],
  Resubmit: ["accept-terms", "under_review", "incomplete"],
  "Resubmit-then-approve": ["accept-terms", "under_review", "incomplete", "under_review", "active"],
  Review: ["accept-terms", "under_review"],
  "Review-then-approve": ["accept-terms", "under_review", "active"],
  "Review-then-decline": ["accept-terms", "under_review", "rejected"],
  "Approve-then-decline": ["accept-terms", "active", "rejected"],
  "Decline-then-approve": ["accept-terms", "rejected", "active"],
  "Approve-then-pause": ["accept-terms", "active", "paused"],
  "Pause-then-approve": ["accept-terms", "active", "paused", "active"],
  "Approve-then-offboard": ["accept-terms", "active", "offboarded"],
  Submit: ["accept-terms"],
};

/** The scenario of a name; undefined for everybody else. */
export function findScenario(name: unknown): readonly ScenarioStep[] | undefined {
  const wanted = typeof name === "string" ? name.trim().toLowerCase() : undefined;
  return Object.entries(scenarios).find(([known]) => known.toLowerCase() === wanted)?.[1];
}
