/** Where what is kept of one kind stands. It is bounded, and may forget anything at any time. */
export type Shelf<Key, Found> = {
  /** What is kept, as the triggers of the migrations write it into `changes`. */
  kind: string;
  /** The key, from how `changes` has it. */
  readKey(text: string): Key;
  place: {
    get(key: Key): Found | undefined;
    set(key: Key, found: Found): unknown;
    delete(key: Key): unknown;
    clear(): void;
  };
};

/**
 * A shelf for keys that are text. When it is full, what has stood there longest goes: nothing is moved at a use, and no
 * room taken in advance.
 *
 * @param most entries kept
 */
export function createShelf<Found>(kind: string, most: number): Shelf<string, Found> {
  const kept = new Map<string, Found>();
  return {
    kind,
    readKey: String,
    place: {
      get: (key) => kept.get(key),
      set: (key, found) => {
        if (kept.size >= most && !kept.has(key)) {
          const [oldest] = kept.keys();
          if (oldest !== undefined) kept.delete(oldest);
        }
        kept.set(key, found);
      },
      delete: (key) => kept.delete(key),
      clear: () => kept.clear(),
    },
  };
}
