import DataLoader from "dataloader";
import { Kysely } from "kysely";
import type pg from "pg";
import type { Database, Db } from "./database.ts";
import { createSharedConnection, type SharedConnection, sharedDialect } from "./shared-connection.ts";

/** The way for the short reads that every request makes. */
export type Reads = {
  db: Db;
  /**
   * Makes reads of single keys into queries for many. Nothing is kept: every answer was read after it was asked for.
   *
   * @param find reads distinct keys and gives, for each, what was found
   */
  together<Key, Found>(find: Find<Key, Found>): (key: Key) => Promise<Found>;
};

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
export function createReads(open: () => pg.Client): Reads & { close(): Promise<void> } {
  const connection = createSharedConnection(open);
  const db = new Kysely<Database>({ dialect: sharedDialect(connection) });
  const schedule = createRounds(connection);
  function together<Key, Found>(find: Find<Key, Found>): (key: Key) => Promise<Found> {
    const loader = new DataLoader<Key, Found>(
      async (keys) => {
        const of = await find(db, [...new Set(keys)]);
        return keys.map((key) => of(key));
      },
      // DataLoader's own schedule waits for promise jobs only and would never batch across requests.
      { cache: false, maxBatchSize: mostKeys, batchScheduleFn: schedule },
    );
    return (key) => loader.load(key);
  }
  return { db, together, close: () => db.destroy() };
}

/**
 * One round after the other: what is asked for while one is under way waits for the next. The server would take it up no
 * sooner, and the more come together the less each of them costs here and there.
 */
function createRounds(connection: SharedConnection): (run: () => void) => void {
  let waiting: (() => void)[] = [];
  let beginning = false;
  const begin = () => {
    if (beginning || waiting.length === 0 || connection.isBusy()) return;
    beginning = true;
    let release: () => void;
    // Immediates run in their order, and all promise jobs between two of them: by the second, the first's queries are written.
    setImmediate(() => {
      const round = waiting;
      waiting = [];
      release = connection.hold();
      for (const run of round) run();
    });
    setImmediate(() => {
      release();
      beginning = false;
      begin();
    });
  };
  connection.onQuiet(begin);
  return (run) => {
    waiting.push(run);
    begin();
  };
}
