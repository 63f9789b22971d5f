import { randomUUID } from "node:crypto";
import pg from "pg";
import { connectDatabase, type Db, grantToApi, migrateDatabase, type Reads } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";

/** A database of its own for one test file. */
export type TestDatabase = {
  /** Log-in that works as the API's role, which owns nothing. */
  url: string;
  /** Log-in of the superuser, who owns everything. */
  ownerUrl: string;
  /** Pool of the API's role. */
  db: Db;
  reads: Reads;
  /** Closes the pool and removes the database. */
  drop(): Promise<void>;
};

/** The role that test connections take on, as a DATABASE_URL without DATABASE_OWNER_URL would. */
export const testApiRole = "usher_api_test";

/**
 * Makes a fresh database on the server of USHER_TEST_SERVER (a superuser's URL): from the template USHER_TEST_TEMPLATE
 * where that is set, else migrated here.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.USHER_TEST_SERVER ?? "postgres://postgres@127.0.0.1:5499/postgres";
  const name = `usher_test_${randomUUID().replaceAll("-", "")}`;
  const template = process.env.USHER_TEST_TEMPLATE;
  await run(server, `create database ${name}${template ? ` template ${pg.escapeIdentifier(template)}` : ""}`);
  const log = createLogger({ level: "silent" });
  const ownerUrl = urlOf(server, name);
  if (!template) await prepare(ownerUrl);
  const url = urlOf(server, name, `-c role=${testApiRole}`);
  const connection = connectDatabase({ url, poolSize: 32, applicationName: "usher test", role: testApiRole, log });
  const drop = async () => {
    await connection.close();
    await run(server, `drop database ${name} with (force)`);
  };
  return { url, ownerUrl, db: connection.db, reads: connection.reads, drop };
}

async function prepare(ownerUrl: string): Promise<void> {
  const log = createLogger({ level: "silent" });
  await migrateDatabase(ownerUrl, log);
  await run(ownerUrl, "create schema if not exists pgboss");
  await grantToApi(ownerUrl, { kind: "assumed", name: testApiRole }, log);
}

function urlOf(server: string, database: string, options?: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (options) url.searchParams.set("options", options);
  return url.href;
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
