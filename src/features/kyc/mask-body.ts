/** Fields whose value is one of the provider's words, never a person's data. */
const words = new Set([
  "status", "code", "action", "decision", "verdict", "reasonCode", "feature", "version", "eventType", "api_version",
  "event_type", "event_category", "event_object_status", "event_sequence", "kyc_status", "tos_status", "type", "category",
  "label", "result", "confidenceCategory", "statusCode",
]); // biome-ignore format: one glance

/** Fields whose value is an id of the provider's or ours. */
const ids = new Set([
  "id", "sessionId", "attemptId", "vendorData", "endUserId", "event_id", "event_object_id", "event_developer_id",
  "customer_id", "client_reference_id", "session_id", "attempt_id",
]); // biome-ignore format: one glance

/** Fields whose value is a time at which something happened in the verification; a birth date is none. */
const times = /(?:^|_)(?:time|created_at|updated_at)$|^[a-z]+(?:Time|At)$/;

const isWord = (value: string) => /^[A-Za-z][A-Za-z0-9._ -]{0,59}$/.test(value);
const isId = (value: string) =>
  /^(?:[a-z]{2,8}_)?[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(value) || /^wh_[A-Za-z0-9]+$/.test(value);
const isTime = (value: string) => /^\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-][0-9:]+)$/.test(value);

/** Deeper than any provider goes; what is below is left out. */
const deepest = 20;

/**
 * The structure of a body as an operator may see it: every key; of the values only the provider's own words, codes, ids
 * and times. Anything else becomes `***`, numbers included, because a key that we do not know may be anybody's data.
 */
export function maskBody(value: unknown, key = "", depth = 0): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (depth > deepest) return "***";
  if (Array.isArray(value)) return value.map((item) => maskBody(item, key, depth + 1));
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskBody(item, name, depth + 1)]));
  }
  return isShown(key, value) ? value : "***";
}

function isShown(key: string, value: unknown): boolean {
  if (typeof value === "number") return words.has(key);
  if (typeof value !== "string") return false;
  if (words.has(key)) return isWord(value) || /^\d{1,6}$/.test(value);
  return (ids.has(key) && isId(value)) || (times.test(key) && isTime(value));
}
