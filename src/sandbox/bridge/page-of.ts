import type { ApiAnswer } from "./api-endpoint.ts";
import { badFields } from "./api-errors.ts";

const mostThings = 100;
const usualThings = 10;

/** One page of a list, newest first (Bridge, "Pagination"): `limit`, and either `starting_after` or `ending_before`. */
export function pageOf<T extends { id: string }>(
  things: readonly T[],
  query: Record<string, string>,
  show: (thing: T) => unknown,
): ApiAnswer {
  const limit = query.limit === undefined ? usualThings : Number(query.limit);
  const { starting_after: after, ending_before: before } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > mostThings || (after !== undefined && before !== undefined)) {
    return badFields({ limit: "must be 1 to 100, with one of starting_after and ending_before" });
  }
  const from = after === undefined ? 0 : things.findIndex(({ id }) => id === after) + 1;
  const to = before === undefined ? things.length : things.findIndex(({ id }) => id === before);
  const page = things.slice(from, Math.max(from, to)).slice(0, limit);
  return { status: 200, body: { count: things.length, data: page.map(show) } };
}
