import type { ConnectionProvider, Kysely } from "kysely";

/**
 * Lets the statements of one transaction be sent while others of it are unanswered, which `pg` does in its pipeline mode
 * and the server carries out in their order. Kysely by itself has each of them wait for the answer to the one before.
 */
export function letStatementsOverlap<Tables>(db: Kysely<Tables>): Kysely<Tables> {
  const executor = db.getExecutor();
  const { withConnectionProvider } = executor;
  executor.withConnectionProvider = (oneByOne) => withConnectionProvider.call(executor, toAll(oneByOne));
  return db;
}

/** A transaction's only connection, given to all who ask and not to one after the other. */
function toAll(oneByOne: ConnectionProvider): ConnectionProvider {
  const connection = oneByOne.provideConnection(async (given) => given);
  return { provideConnection: async (use) => use(await connection) };
}
