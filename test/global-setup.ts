import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { backgroundJobs } from "../src/app.ts";
import { findCluster } from "../src/foundation/database/embedded/find-cluster.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/foundation/database/embedded/index.ts";
import { grantToApi, migrateDatabase } from "../src/foundation/database/index.ts";
import { installJobs } from "../src/foundation/jobs/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { testApiRole } from "./database.ts";

const template = "usher_template";
let folder: string | undefined;
let server: EmbeddedPostgres | undefined;

/** One PostgreSQL for the whole run, and a migrated template from which each test file gets a database of its own. */
export async function globalSetup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "usher-tests-"));
  // Losing power is not what these tests are about; the kill tests bring a durable server of their own.
  server = await startEmbeddedPostgres({ dataDir: folder, settings: { fsync: "off", max_connections: "300" } });
  const log = createLogger({ level: "error" });
  const ownerUrl = await makeDatabase(server.ownerUrl, template);
  await migrateDatabase(ownerUrl, log);
  await installJobs(ownerUrl, backgroundJobs, log);
  await grantToApi(ownerUrl, { kind: "assumed", name: testApiRole }, log);
  process.env.USHER_TEST_SERVER = server.ownerUrl;
  process.env.USHER_TEST_TEMPLATE = template;
}

/** Runs twice when a signal ends the tests, hence may find everything gone. */
export async function globalTeardown(): Promise<void> {
  const [running, left] = [server, folder];
  [server, folder] = [undefined, undefined];
  await running?.stop();
  if (left === undefined) return;
  // Root's databases lie elsewhere: PostgreSQL's own account could not reach them in a closed folder.
  const cluster = await findCluster(left);
  if (cluster) await rm(cluster.folder, { recursive: true, force: true });
  await rm(left, { recursive: true, force: true });
}

async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
