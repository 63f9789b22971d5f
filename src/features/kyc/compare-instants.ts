/** ISO 8601 with an offset and up to nine decimals of a second. */
const instant = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Nanoseconds since 1970 of an ISO 8601 text, exactly; undefined where it is none. A Date would cut microseconds, and
 * two decisions within one millisecond would change places.
 */
export function nanosecondsOf(text: string): bigint | undefined {
  const [, seconds, fraction = "", offset = ""] = instant.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const milliseconds = Date.parse(`${seconds}${offset === "Z" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(-2)}`}`);
  // Date.parse moves 30 February on to March; such a time is not one.
  if (Number.isNaN(milliseconds) || !isRealDay(seconds.slice(0, 10))) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Orders two texts of instants; one that is null or unreadable counts as older than all others. */
export function compareInstants(a: string | null, b: string | null): number {
  const left = (a === null ? undefined : nanosecondsOf(a)) ?? -(10n ** 30n);
  const right = (b === null ? undefined : nanosecondsOf(b)) ?? -(10n ** 30n);
  return left < right ? -1 : left > right ? 1 : 0;
}

function isRealDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
