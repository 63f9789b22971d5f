import {
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type pg from "pg";

/** One connection that many statements share. */
export type SharedConnection = {
  /** The open connection, opened anew where the last one was lost. */
  get(): Promise<pg.Client>;
  /** Keeps back what is written until the function it gives is called. */
  hold(): () => void;
  close(): Promise<void>;
};

/** What is held back is the socket's: `pg` writes to it statement by statement. */
type Socket = { cork(): void; uncork(): void };

/**
 * Makes a connection that is opened by its first use. When it is lost, the statements under way fail and the next one
 * opens a new one.
 *
 * @param open gives a client that was not connected before, in pipeline mode
 */
export function createSharedConnection(open: () => pg.Client): SharedConnection {
  let current: Promise<pg.Client> | undefined;
  let socket: Socket | undefined;
  const connect = async () => {
    const client = open();
    const forget = () => {
      current = undefined;
      socket = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    try {
      await client.connect();
    } catch (error) {
      forget();
      throw error;
    }
    socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    return client;
  };
  return {
    get: () => {
      current ??= connect();
      return current;
    },
    hold: () => {
      const held = socket;
      held?.cork();
      return () => held?.uncork();
    },
    close: async () => (await current)?.end(),
  };
}

/** Kysely on a shared connection: single statements only. */
export function sharedDialect(shared: SharedConnection): Dialect {
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql, parameters }) => {
      const client = await shared.get();
      const { rows } = await client.query(sql, [...parameters]);
      return { rows };
    },
    streamQuery: () => {
      throw new Error("Statements that share a connection are not streamed: use the pool.");
    },
  };
  const refuse = async () => {
    throw new Error("Statements that share a connection know no transactions: use the pool.");
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => ({
      init: async () => undefined,
      acquireConnection: async () => connection,
      releaseConnection: async () => undefined,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      destroy: shared.close,
    }),
  };
}
