import type { Verdict } from "../../port.ts";

/**
 * Bridge's statuses in our words: of customers, and of KYC links, whose `approved` is the customers' `active`. What is
 * not here is nobody's to guess.
 *
 * Source: Bridge's Customers API guide and KYC Links guide.
 */
// biome-ignore format: a table reads best aligned
export const verdictOfStatus: ReadonlyMap<string, Verdict> = new Map([
  ["not_started",            "awaiting-person"],
  ["incomplete",             "awaiting-person"],
  ["awaiting_questionnaire", "awaiting-person"],
  ["awaiting_ubo",           "awaiting-person"],
  ["under_review",           "in-review"],
  ["active",                 "approved"],
  ["approved",               "approved"],
  ["rejected",               "declined"],
  ["paused",                 "paused"],
  ["offboarded",             "offboarded"],
]);
