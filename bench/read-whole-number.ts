/** Reads an option. @throws Error naming the option and its range */
export function readWholeNumber(name: string, text: string, { from, to }: { from: number; to: number }): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new Error(`${name} must be a whole number from ${from} to ${to}.`);
}
