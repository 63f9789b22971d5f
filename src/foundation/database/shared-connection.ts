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
  let current: { client: pg.Client; connected: Promise<unknown> } | undefined;
  const connect = () => {
    const client = open();
    // A lost connection tells so twice, and by the second time another one may be in its place.
    const forget = () => {
      if (current?.client === client) current = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    const connected = client.connect().catch((error: unknown) => {
      forget();
      throw error;
    });
    return { client, connected };
  };
  return {
    get: async () => {
      current ??= connect();
      const { client, connected } = current;
      await connected;
      return client;
    },
    hold: () => {
      if (!current) return () => undefined;
      const socket = socketOf(current.client);
      socket.cork();
      return () => socket.uncork();
    },
    close: async () => current?.client.end(),
  };
}

function socketOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
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
