import { parseMicroseconds } from "./microseconds.ts";
import type { Action, Play } from "./play-action.ts";

const ACTIONS: readonly Action[] = [
  "started",
  "submitted",
  "approve",
  "decline",
  "resubmit",
  "review",
  "expire",
  "abandon",
];

/** Reads an action and what comes with it, from JSON or from a form; empty form fields count as absent. */
export function readPlay(action: string, body: unknown): Play | { problem: string } {
  const known = ACTIONS.find((one) => one === action);
  if (!known) return { problem: `Unknown action; known are ${ACTIONS.join(", ")}, resend and scenario` };
  if (body !== undefined && body !== null && (typeof body !== "object" || Array.isArray(body))) {
    return { problem: "The body must be a JSON object with reasonCode, reason or decisionTime" };
  }
  const fields = Object.entries(body ?? {}).filter(
    ([, value]) => value !== "" && value !== null && value !== undefined,
  );
  const play: Play = { action: known };
  for (const [name, value] of fields) {
    const problem = takeField(play, name, value);
    if (problem) return { problem };
  }
  return play;
}

function takeField(play: Play, name: string, value: unknown): string | undefined {
  const takesReason = play.action === "decline" || play.action === "resubmit";
  if (name === "decisionTime") {
    if (play.action === "started" || play.action === "submitted") return "Events carry no decisionTime";
    if (typeof value !== "string" || parseMicroseconds(value) === undefined) {
      return "decisionTime must be ISO 8601 in UTC, for example 2026-03-02T10:20:31.512345Z";
    }
    play.decisionTime = value;
    return undefined;
  }
  if (name !== "reason" && name !== "reasonCode") return `Unknown field; known are reasonCode, reason, decisionTime`;
  if (!takesReason) return `${name} belongs to decline and resubmit only`;
  if (name === "reason") {
    if (typeof value !== "string" || value.length > 500) return "reason must be a text of at most 500 characters";
    play.reason = value;
    return undefined;
  }
  if (!Number.isSafeInteger(value) && !(typeof value === "string" && /^\w{1,20}$/.test(value))) {
    return "reasonCode must be a whole number, or a text of at most 20 letters and digits";
  }
  play.reasonCode = value as number | string;
  return undefined;
}
