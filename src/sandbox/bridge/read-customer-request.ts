import { type ApiFailure, badFields, missingFields } from "./api-errors.ts";
import type { Given } from "./customer.ts";

type Rule = { holds(value: unknown, now: Date): boolean; problem: string };

const matching = (pattern: RegExp, problem: string): Rule => ({
  holds: (value) => typeof value === "string" && pattern.test(value),
  problem,
});

const name = matching(/^.{2,1024}$/s, "must be between 2 and 1024 characters");
const isAdult = (value: unknown, now: Date) => {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) return false;
  return `${Number(value.slice(0, 4)) + 18}${value.slice(4)}` <= now.toISOString().slice(0, 10);
};

/** Checked where the field is there: nothing but the type is asked for. */
const rules: Record<string, Rule> = {
  first_name: name,
  last_name: name,
  middle_name: name,
  email: matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "is invalid"),
  phone: matching(/^\+[1-9]\d{6,14}$/, "must be in E.164 format"),
  birth_date: { holds: isAdult, problem: "must be at least 18 years ago" },
  signed_agreement_id: matching(/^[0-9a-f-]{36}$/i, "is invalid"),
  client_reference_id: matching(/^.{1,256}$/s, "must be between 1 and 256 characters"),
  endorsements: {
    holds: (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && /^[a-z_]+$/.test(one)),
    problem: "must be a list of names",
  },
};

const addressRules: Record<string, Rule> = {
  street_line_1: matching(/^.{4,}$/s, "must have 4 characters or more"),
  country: matching(/^[A-Za-z]{3}$/, "must be an ISO 3166-1 alpha-3 code"),
};

/**
 * Checks the body of POST and PUT /v0/customers by the rules of Bridge's API reference; undefined where it is fine.
 * Unknown fields are let through.
 */
export function checkCustomer(body: unknown, now: Date, { partly = false } = {}): ApiFailure | undefined {
  if (!isGiven(body)) return badFields({ body: "must be a JSON object" });
  if (!partly && body.type === undefined) return missingFields(["type"]);
  if (body.type !== undefined && body.type !== "individual" && body.type !== "business")
    return badFields({ type: "must be individual or business" });
  const problems = Object.entries(rules)
    .filter(([field, rule]) => body[field] !== undefined && !rule.holds(body[field], now))
    .map(([field, { problem }]) => [field, problem]);
  const all = { ...Object.fromEntries(problems), ...checkAddress(body.residential_address, now) };
  return Object.keys(all).length > 0 ? badFields(all) : undefined;
}

function checkAddress(address: unknown, now: Date): Record<string, string> {
  if (address === undefined) return {};
  if (!isGiven(address)) return { residential_address: "must be an object" };
  const field = (one: string) => `residential_address.${one}`;
  const wrong = Object.entries(addressRules).filter(([one, rule]) => !rule.holds(address[one], now));
  if (/\bp\.?\s*o\.?\s*box\b/i.test(String(address.street_line_1)))
    return { [field("street_line_1")]: "must not be a PO box" };
  return Object.fromEntries(wrong.map(([one, { problem }]) => [field(one), problem]));
}

/** Whether a value is an object of fields. */
export function isGiven(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
