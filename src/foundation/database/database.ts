import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Logger } from "../logging/index.ts";
import { letStatementsOverlap } from "./overlapping-statements.ts";
import { createReads, type Reads } from "./reads.ts";
import { socketOf } from "./socket-of.ts";

/**
 * Every table, by name. The foundation knows none: `src/tables.gen.ts`, generated from the migrated database,
 * adds them to this interface.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by declaration merging
export interface Database {}

/** Reads anywhere; writes demand the transaction type, so that forgetting the transaction does not compile. */
export type Db = Kysely<Database>;

/** A connection pool with what reads and writes need from it. */
export type DatabaseConnection = { db: Db; reads: Reads; pool: pg.Pool; close(): Promise<void> };

/** bigint and xid8 columns arrive as text: they do not fit a JavaScript number. Dates stay text: they have no time zone. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.DATE, (value) => value);

/**
 * A statement that begins with `/* prepared: name *\/` is parsed and planned once a connection: for the few that every
 * request sends. Not for all: a prepared `select *` breaks when a later version adds a column while this one serves.
 */
const preparedName = /^\/\* prepared: ([a-z -]+) \*\//;

class PreparingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's query has a dozen overloads; the arguments pass through untouched
  override query(...args: any[]): any {
    const [text, values, ...rest] = args;
    const name = typeof text === "string" && text.startsWith("/*") ? preparedName.exec(text)?.[1] : undefined;
    const query = super.query as (...all: unknown[]) => unknown;
    return name ? query.call(this, { name, text, values }, ...rest) : query.apply(this, args);
  }
}

/**
 * A client whose statements of one turn of the event loop go out in one write: the parts of a transaction that do not wait
 * for each other (`allOf`) wake the server once.
 */
class TransactionClient extends PreparingClient {
  #held = false;

  // biome-ignore lint/suspicious/noExplicitAny: as above
  override query(...args: any[]): any {
    this.#holdForThisTurn();
    return super.query(...args);
  }

  #holdForThisTurn(): void {
    if (this.#held) return;
    this.#held = true;
    const socket = socketOf(this);
    socket.cork();
    setImmediate(() => {
      this.#held = false;
      socket.uncork();
    });
  }
}

export type ConnectOptions = {
  url: string;
  /** At most this many connections; 1 to 100. */
  poolSize: number;
  applicationName: string;
  /** Role to take on after logging in, where one URL serves both migrations and requests. */
  role?: string;
  log: Logger;
};

/**
 * Opens a pool on a PostgreSQL server. A lost connection is logged, not fatal: the pool opens a new one for the next
 * query, so that a restart or fail-over of the server passes by.
 */
export function connectDatabase(options: ConnectOptions): DatabaseConnection {
  const settings = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: 15_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 30_000,
    options: options.role ? `-c role=${options.role}` : undefined,
    types,
    // Statements are sent without waiting for the answers of those before them; they are carried out in their order.
    pipeline: true,
  };
  const pool = new pg.Pool({
    ...settings,
    Client: TransactionClient,
    max: options.poolSize,
    idleTimeoutMillis: 30_000,
  });
  pool.on("error", (error) => options.log.warn("database connection lost", { error }));
  // In use, a connection tells its loss to its client instead, unless a query waits for an answer: unheard between two
  // statements of a transaction, that would end the process. The next statement fails in any case.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = letStatementsOverlap(new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }));
  // The server ends what takes long; a server that is gone without a word is noticed by the time-out here.
  const shared = { ...settings, keepAlive: true, query_timeout: 20_000 };
  const reads = createReads(
    () => new PreparingClient(shared),
    (error) => options.log.warn("what is kept could not be proven unchanged; all is read anew", { error }),
  );
  return { db, reads, pool, close: async () => void (await Promise.all([reads.close(), db.destroy()])) };
}
