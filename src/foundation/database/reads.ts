import DataLoader from "dataloader";
import { Kysely } from "kysely";
import type pg from "pg";
import { createChanges } from "./changes.ts";
import type { Database, Db } from "./database.ts";
import { createRounds } from "./rounds.ts";
import { createSharedConnection, sharedDialect } from "./shared-connection.ts";
import type { Shelf } from "./shelf.ts";

/** The way for the short reads that every request makes. */
export type Reads = {
  db: Db;
  /**
   * Makes reads of single keys into queries for many. Nothing is kept: every answer was read after it was asked for.
   *
   * @param find reads distinct keys and gives, for each, what was found
   */
  together<Key, Found>(find: Find<Key, Found>): (key: Key) => Promise<Found>;
  /**
   * The same, but what was found is kept on `shelf` and given again, each time proven unchanged by the database: one
   * short question a round for all that is kept. No answer is older than the moment it was asked for. What was not found
   * is not kept.
   */
  kept<Key, Found extends {}>(find: Find<Key, Found | undefined>, shelf: Shelf<Key, Found>): KeptRead<Key, Found>;
};

/** Gives what was found for a key, as the database has it now; undefined where there is nothing. */
export type KeptRead<Key, Found> = (key: Key) => Promise<Found | undefined>;

type Find<Key, Found> = (db: Db, keys: readonly Key[]) => Promise<(key: Key) => Found>;

/** A longer batch is split. */
const mostKeys = 500;

/**
 * Opens the way for short reads. They share one connection and are sent without waiting for one another's answers: what
 * costs this process is less the query than the write to a socket that wakes the server. So what is asked for in one turn
 * of the event loop, or while the answers to others are awaited, becomes one query of each kind, and all of them one write.
 *
 * Nothing slow belongs here: it would hold up all that come behind it.
 */
export function createReads(
  open: () => pg.Client,
  onUnproven: (error: unknown) => void,
): Reads & { close(): Promise<void> } {
  const connection = createSharedConnection(open);
  const db = new Kysely<Database>({ dialect: sharedDialect(connection) });
  const rounds = createRounds(connection);
  const changes = createChanges(connection, rounds, onUnproven);
  function together<Key, Found>(find: Find<Key, Found>): (key: Key) => Promise<Found> {
    const loader = new DataLoader<Key, Found>(
      async (keys) => {
        const of = await find(db, [...new Set(keys)]);
        return keys.map((key) => of(key));
      },
      // DataLoader's own schedule waits for promise jobs only and would never batch across requests.
      { cache: false, maxBatchSize: mostKeys, batchScheduleFn: rounds.schedule },
    );
    return (key) => loader.load(key);
  }
  function kept<Key, Found extends {}>(
    find: Find<Key, Found | undefined>,
    { kind, readKey, place }: Shelf<Key, Found>,
  ): KeptRead<Key, Found> {
    changes.watch(kind, { drop: (text) => place.delete(readKey(text)), clear: () => place.clear() });
    const readAnew = together<Key, Found | undefined>(async (reads, keys) => {
      // First the question what has changed, then what is found: all that changes later is in the next round's answer.
      const [round, of] = await Promise.all([changes.settleThisRound(), find(reads, keys)]);
      if (changes.isNewest(round)) keepFound(place, keys, of);
      return of;
    });
    return async (key) => {
      if (place.get(key) === undefined) return readAnew(key);
      await changes.settled();
      return place.get(key) ?? readAnew(key);
    };
  }
  return { db, together, kept, close: () => db.destroy() };
}

function keepFound<Key, Found>(
  place: Shelf<Key, Found>["place"],
  keys: readonly Key[],
  of: (key: Key) => Found | undefined,
): void {
  for (const key of keys) {
    const found = of(key);
    if (found !== undefined) place.set(key, found);
  }
}
