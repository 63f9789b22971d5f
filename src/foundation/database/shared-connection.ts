import {
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type pg from "pg";
import { socketOf } from "./socket-of.ts";

/** One connection that many statements share. */
export type SharedConnection = {
  /** Sends a statement, over a connection that is opened anew where the last one was lost. */
  query(sql: string, parameters: unknown[]): Promise<pg.QueryResult>;
  /** How many connections were opened so far. */
  opened(): number;
  /** Whether any statement is not answered yet. */
  isBusy(): boolean;
  /** Hears each time that the last unanswered statement was answered, or failed. */
  onQuiet(hear: () => void): void;
  /** Keeps back what is written until the function it gives is called. */
  hold(): () => void;
  close(): Promise<void>;
};

/**
 * What shares a connection is looked up by key. A plan is made once, perhaps while the table is small enough to be read
 * whole, and kept when it has grown.
 */
const planForKeys = "set enable_seqscan = off";

/**
 * Makes a connection that is opened by its first use. When it is lost, the statements under way fail and the next one
 * opens a new one.
 *
 * @param open gives a client that was not connected before, in pipeline mode
 */
export function createSharedConnection(open: () => pg.Client): SharedConnection {
  let current: { client: pg.Client; connected: Promise<unknown> } | undefined;
  let opened = 0;
  const connect = () => {
    opened += 1;
    const client = open();
    // A lost connection tells so twice, and by the second time another one may be in its place.
    const forget = () => {
      if (current?.client === client) current = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    const prepare = async () => {
      await client.connect();
      await client.query(planForKeys);
    };
    const connected = prepare().catch((error: unknown) => {
      forget();
      throw error;
    });
    return { client, connected };
  };
  let unanswered = 0;
  let hearQuiet = () => {};
  const query = async (sql: string, parameters: unknown[]) => {
    // After a time-out the driver ends the connection, and tells of it later.
    if (current && socketOf(current.client).destroyed) current = undefined;
    current ??= connect();
    const { client, connected } = current;
    await connected;
    return client.query(sql, parameters);
  };
  return {
    query: async (sql, parameters) => {
      unanswered += 1;
      try {
        return await query(sql, parameters);
      } finally {
        unanswered -= 1;
        if (unanswered === 0) hearQuiet();
      }
    },
    opened: () => opened,
    isBusy: () => unanswered > 0,
    onQuiet: (hear) => {
      hearQuiet = hear;
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

/** Kysely on a shared connection: single statements only. */
export function sharedDialect(shared: SharedConnection): Dialect {
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql, parameters }) => {
      const { rows } = await shared.query(sql, [...parameters]);
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
