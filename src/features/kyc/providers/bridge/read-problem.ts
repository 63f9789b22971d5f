import { type Fields, fieldsOf, textOf } from "../read-fields.ts";

/** What a refusal of Bridge says. Its sentences may quote what was sent, so they are not kept. */
export type BridgeProblem = {
  /** Bridge's own code, such as `bad_customer_request`. */
  code: string | null;
  /** Names of the fields at fault, as Bridge calls them. */
  fields: string[];
  /** Whether it is about the Idempotency-Key: too old, or used with another body. */
  isAboutKey: boolean;
  /** The link that is there already. */
  existingLink: Fields | undefined;
};

/**
 * Reads a refusal in each of the shapes that coexist: `source.key` as a list or as an object by field, `name` beside
 * `location`, a list of `errors`, further `type` and `details`, and `duplicate_record` with the existing link.
 *
 * Source: Bridge's API reference, and public integrators' clients.
 */
export function readProblem(json: unknown): BridgeProblem {
  const root = fieldsOf(json) ?? {};
  const first = Array.isArray(root.errors) ? fieldsOf(root.errors[0]) : undefined;
  const from = root.code === undefined && first ? first : root;
  const key = fieldsOf(from.source)?.key ?? from.name;
  const byField = fieldsOf(key);
  const fields = byField ? Object.keys(byField) : (textOf(key, 2000) ?? "").split(",");
  const code = textOf(from.code, 80);
  return {
    code: code !== null && /^[A-Za-z0-9_.-]+$/.test(code) ? code : null,
    fields: [...new Set(fields.map((field) => field.trim()).filter((field) => /^[A-Za-z0-9_.[\]]{1,80}$/.test(field)))],
    isAboutKey: /idempoten/i.test(`${code ?? ""} ${textOf(from.message, 2000) ?? ""}`),
    existingLink: fieldsOf(root.existing_kyc_link),
  };
}
