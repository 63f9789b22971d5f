import { hash } from "node:crypto";

/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  /** True in the given share of all cases, 0 to 1. */
  chance(share: number): boolean;
  bytes(count: number): Uint8Array;
};

/** Makes a source from any text: the generator sfc32 of PractRand, started from the text's SHA-256. */
export function createRandom(seed: string): Random {
  const start = hash("sha256", seed, "buffer");
  const state = Int32Array.from([0, 4, 8, 12], (offset) => start.readInt32LE(offset));
  const word = (): number => {
    const [a = 0, b = 0, c = 0, count = 0] = state;
    const result = (a + b + count) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + result) | 0;
    state[3] = (count + 1) | 0;
    return result >>> 0;
  };
  for (let warmingUp = 0; warmingUp < 12; warmingUp += 1) word();
  const next = () => word() / 2 ** 32;
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    chance: (share) => next() < share,
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
  };
}

/** Draws items in proportion to their weights. */
export function createPicker<Item>(items: readonly Item[], weigh: (item: Item) => number): (random: Random) => Item {
  let total = 0;
  const ends = items.map((item) => {
    total += weigh(item);
    return total;
  });
  return (random) => {
    const at = random.next() * total;
    const found = items[ends.findIndex((end) => at < end)] ?? items.at(-1);
    if (found === undefined) throw new Error("There is nothing to draw from: the list is empty.");
    return found;
  };
}

/** Draws names from a list whose first ones are common, as they are in life: the n-th weighs 1/n (Zipf's law). */
export function createNamePicker(names: readonly string[]): (random: Random) => string {
  const weighted = names.map((name, index) => ({ name, weight: 1 / (index + 1) }));
  const pick = createPicker(weighted, ({ weight }) => weight);
  return (random) => pick(random).name;
}
