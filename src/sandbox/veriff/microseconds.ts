import { randomInt } from "node:crypto";

/** A moment in microseconds since 1970; the part below a millisecond is made up, since clocks here do not give it. */
export function microsecondsAt(moment: Date): number {
  return moment.getTime() * 1000 + randomInt(1000);
}

/** ISO 8601 in UTC with six decimals, as Veriff sends its times. */
export function formatMicroseconds(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, "0");
  return new Date(milliseconds).toISOString().replace("Z", `${rest}Z`);
}

/** Reads an ISO 8601 UTC time with up to six decimals; undefined for anything else. */
export function parseMicroseconds(text: string): number | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z$/.exec(text);
  if (!parts) return undefined;
  const seconds = Date.parse(`${parts[1]}Z`);
  // A date such as 31 February is moved on by Date.parse in some forms: reading it back tells.
  if (Number.isNaN(seconds) || !new Date(seconds).toISOString().startsWith(parts[1] ?? "")) return undefined;
  return seconds * 1000 + Number((parts[2] ?? "").padEnd(6, "0"));
}
