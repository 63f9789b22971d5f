/** A value that has exactly one text. */
export type CanonicalValue = null | boolean | number | string | CanonicalValue[] | { [key: string]: CanonicalValue };

/**
 * The one text of a JSON value: no blanks, keys sorted by UTF-16 code units at every level, numbers as ECMAScript
 * prints them (RFC 8785). Dates become ISO texts in milliseconds; members that are undefined are left out.
 *
 * @throws TypeError for what JSON cannot tell: functions, symbols, bigints, NaN, infinities
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value === "object") return `{${canonicalMembers(value).join(",")}}`;
  throw new TypeError(`A ${typeof value} cannot be written as canonical JSON: give it as text or as a finite number.`);
}

function canonicalMembers(value: object): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
}
