import type { Allowance } from "./throttles.queries.ts";

/** An allowance, and whether it is counted for a network address alone: those are off in load tests. */
type Budget = Allowance & { perSource: boolean };

const minute = 60;
const hour = 3600;

/** So many in a window, then none until it ends. */
const fixed = (free: number, windowSeconds: number) => ({
  free,
  windowSeconds,
  firstDelaySeconds: null,
  longestDelaySeconds: 0,
});

/**
 * Every budget there is. Failed log-ins are counted in three places:
 *
 * 1. by account and source: five failures, then a pause that doubles each time; a success forgets them;
 * 2. by source alone: one place does not try many accounts;
 * 3. by account alone, against guessing from many places. This one, and only this one, could let strangers shut the
 *    owner out, so it does not apply to sources where the owner has logged in, confirmed the address or reset the
 *    password before. An owner in a new place during an attack gets in by a password reset, which makes that place known.
 */
// biome-ignore format: a table reads best aligned
export const budgets = {
  "log-in by account and source": { free: 5,   windowSeconds: 24 * hour, firstDelaySeconds: 30, longestDelaySeconds: 15 * minute, perSource: false },
  "log-in by account":            { free: 20,  windowSeconds: 24 * hour, firstDelaySeconds: 5,  longestDelaySeconds: 5 * minute,  perSource: false },
  "log-in by source":             { ...fixed(100, 15 * minute), perSource: true },
  "code tries by source":         { ...fixed(50, 15 * minute),  perSource: true },
  // Three codes of a kind in 15 minutes, counted for the address whether or not it is known. The first confirmation
  // code comes with the registration and is not counted here, hence two more.
  "confirmation codes":           { ...fixed(2, 15 * minute),   perSource: false },
  "confirmation codes in a row":  { ...fixed(1, 1 * minute),    perSource: false },
  "reset codes":                  { ...fixed(3, 15 * minute),   perSource: false },
  // Text messages cost money: by number against molesting its owner, by account against sending to many numbers.
  "phone codes in a row":         { ...fixed(1, 1 * minute),    perSource: false },
  "phone codes to a number":      { ...fixed(3, 15 * minute),   perSource: false },
  "phone codes of an account":    { ...fixed(10, 24 * hour),    perSource: false },
  // Reached only with the first proof, so no stranger shuts the owner out. A success forgets it.
  "second factor by account":     { free: 5,   windowSeconds: 24 * hour, firstDelaySeconds: 30, longestDelaySeconds: 15 * minute, perSource: false },
  // By account against having many strangers mailed, by address against having one mailed by many accounts.
  "new addresses of an account":  { ...fixed(10, 1 * hour),     perSource: false },
  "codes to a new address":       { ...fixed(3, 15 * minute),   perSource: false },
  "availability by source":       { ...fixed(60, 15 * minute),  perSource: true },
  "availability by address":      { ...fixed(30, 15 * minute),  perSource: false },
  "taken address told":           { ...fixed(100, 1 * hour),    perSource: false },
} as const satisfies Record<string, Budget>;

export type BudgetName = keyof typeof budgets;

/** Longest time that a bucket means anything. */
export const longestWindowSeconds = 24 * hour;
