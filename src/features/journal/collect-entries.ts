import type { NewEntry } from "./entry.ts";
import type { Journal } from "./record-entries.ts";

/**
 * A journal for one deed that tells it in several entries: it remembers them, and `write` puts them down in their order
 * with one insert. Whoever collects must write before the transaction ends, or nothing of it is journalled.
 */
export function collectEntries(journal: Journal): {
  journal: Journal;
  write: (trx: Parameters<Journal["record"]>[0]) => Promise<void>;
} {
  const entries: NewEntry[] = [];
  return {
    journal: {
      record: async (_trx, entry) => void entries.push(entry),
      recordAll: async (_trx, more) => void entries.push(...more),
    },
    write: (trx) => journal.recordAll(trx, entries.splice(0)),
  };
}
