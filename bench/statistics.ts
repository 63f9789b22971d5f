/** The value that a share of all values (0 to 1) does not exceed; of an even number of values, the lower one. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error("There is no quantile of no values.");
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return (
    (quantile(values, 0.5) +
      -quantile(
        values.map((value) => -value),
        0.5,
      )) /
    2
  );
}
