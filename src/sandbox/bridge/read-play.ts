import type { StatusChange } from "./change-customer.ts";
import { customerStatuses } from "./customer.ts";
import type { Bend } from "./deliver-webhooks.ts";
import { rejectionReasons } from "./reasons.ts";

/** What is to be done to a customer, read from a form or from JSON. */
export type Play = { kind: "accept-terms" } | { kind: "resend" } | { kind: "status"; change: StatusChange; bend: Bend };

type Fields = Record<string, unknown>;

const flags = ["bare_event_type", "without_sequence", "without_customer_id", "bad_signature"] as const;
const known = [
  ...flags,
  "status",
  "reason",
  "developer_reason",
  "event_created_at",
  "signed_seconds_ago",
  "as",
] as const;

/**
 * Reads an action: `accept-terms`, `resend`, one of Bridge's statuses, or `become` with any `status`, also one that
 * nobody knows yet. Empty form fields count as absent.
 */
export function readPlay(action: string, body: unknown): Play | { problem: string } {
  if (action === "accept-terms" || action === "resend") return { kind: action };
  if (body !== undefined && body !== null && (typeof body !== "object" || Array.isArray(body)))
    return { problem: "The body must be a JSON object" };
  const given = Object.entries((body ?? {}) as Fields).filter(([, value]) => value !== "" && value !== null);
  const fields: Fields = Object.fromEntries(given);
  const stray = Object.keys(fields).find((name) => !known.some((one) => one === name));
  if (stray !== undefined) return { problem: `Unknown field; known are ${known.join(", ")}` };
  const status = action === "become" ? fields.status : customerStatuses.find((one) => one === action);
  if (typeof status !== "string" || !/^\w{1,60}$/.test(status))
    return {
      problem: `Unknown action; known are ${customerStatuses.join(", ")}, become, accept-terms, resend, scenario`,
    };
  const problem = findProblem(fields);
  if (problem) return { problem };
  return {
    kind: "status",
    change: { status, reason: readReason(status, fields), form: readForm(fields) },
    bend: readBend(fields),
  };
}

function findProblem(fields: Fields): string | undefined {
  const flag = flags.find((name) => fields[name] !== undefined && typeof fields[name] !== "boolean");
  if (flag) return `${flag} must be true or false`;
  for (const name of ["reason", "developer_reason"])
    if (fields[name] !== undefined && (typeof fields[name] !== "string" || String(fields[name]).length > 500))
      return `${name} must be a text of at most 500 characters`;
  const { event_created_at: at, signed_seconds_ago: ago, as } = fields;
  if (at !== undefined && Number.isNaN(Date.parse(String(at)))) return "event_created_at must be ISO 8601 in UTC";
  if (ago !== undefined && !Number.isSafeInteger(ago)) return "signed_seconds_ago must be a whole number";
  return as === undefined || as === "customer" || as === "kyc_link" ? undefined : "as must be customer or kyc_link";
}

/** A refusal has a reason even where nobody chose one. */
function readReason(status: string, { reason, developer_reason }: Fields): StatusChange["reason"] {
  const usual = status === "rejected" ? rejectionReasons[0] : undefined;
  if (reason === undefined) return usual;
  const listed = rejectionReasons.find((one) => one.developer_reason === reason || one.reason === reason);
  const shown = listed?.developer_reason === reason ? listed.reason : String(reason);
  return { reason: shown, developer_reason: String(developer_reason ?? listed?.developer_reason ?? "Not told.") };
}

function readForm(fields: Fields): StatusChange["form"] {
  return {
    bareEventType: fields.bare_event_type === true,
    withoutSequence: fields.without_sequence === true,
    withoutCustomerId: fields.without_customer_id === true,
    eventCreatedAt: fields.event_created_at as string | undefined,
    as: fields.as as "customer" | "kyc_link" | undefined,
  };
}

function readBend(fields: Fields): Bend {
  return {
    signedSecondsAgo: (fields.signed_seconds_ago as number | undefined) ?? 0,
    badSignature: fields.bad_signature === true,
  };
}
