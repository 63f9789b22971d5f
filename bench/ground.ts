import { randomBytes } from "node:crypto";
import { readConfig } from "../src/config.ts";
import { createSealer } from "../src/features/journal/index.ts";
import { systemClock } from "../src/foundation/clock/index.ts";
import { loadSigningKeys } from "../src/foundation/crypto/index.ts";
import { startEmbeddedPostgres } from "../src/foundation/database/embedded/index.ts";
import { connectDatabase, type Db, migrateDatabase } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { loadKeys } from "../src/keys.ts";
import { writePopulation } from "./population/write-population.ts";
import { findFreePort } from "./start-process.ts";
import { makeUsherFolder, removeUsherFolder } from "./usher-folder.ts";

/** A database of its own with a population, and how a server is started on it. */
export type Ground = {
  /** Environment of the server under test. */
  environment: Record<string, string>;
  /** The gate's ids are 1 to this. */
  users: number;
  operatorIds: readonly string[];
  postgres: string;
  close(): Promise<void>;
};

const operators = 300;

/** Creates the database, migrates it, fills it and seals the journal, so that no server has that left to do. */
export async function prepareGround(plan: { users: number; seed: string }): Promise<Ground> {
  const dataDir = await makeUsherFolder();
  const database = await startEmbeddedPostgres({ dataDir });
  const close = async () => {
    await database.stop();
    await removeUsherFolder(dataDir);
  };
  try {
    const log = createLogger({ level: "error" });
    await migrateDatabase(database.ownerUrl, log);
    const until = new Date(new Date().toISOString().slice(0, 10));
    await writePopulation(database.ownerUrl, { ...plan, operators: Math.min(operators, plan.users), until });
    const environment = await composeEnvironment(dataDir, database);
    const connection = connectDatabase({ url: database.ownerUrl, poolSize: 2, applicationName: "usher bench", log });
    try {
      await sealJournal(connection.db, environment);
      return { environment, users: plan.users, ...(await describeDatabase(connection.pool)), close };
    } finally {
      await connection.close();
    }
  } catch (error) {
    await close();
    throw error;
  }
}

async function composeEnvironment(
  dataDir: string,
  { ownerUrl, apiUrl }: { ownerUrl: string; apiUrl: string },
): Promise<Record<string, string>> {
  const port = await findFreePort();
  return {
    USHER_MODE: "sandbox",
    USHER_DATA_DIR: dataDir,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SANDBOX_PORT: String(await findFreePort()),
    DATABASE_URL: apiUrl,
    DATABASE_OWNER_URL: ownerUrl,
    MASTER_KEY: randomBytes(32).toString("base64"),
    // The server alone is measured: no doubles beside it, and nobody to send mails to.
    USHER_ROLE: "api",
    VERIFF_BASE_URL: "http://127.0.0.1:9",
    VERIFF_API_KEY: "00000000-0000-4000-8000-000000000000",
    VERIFF_SHARED_SECRET: "bench",
    SMTP_URL: "smtp://127.0.0.1:9",
    RATE_LIMITS: "off",
    LOG_LEVEL: "error",
  };
}

async function sealJournal(db: Db, environment: Record<string, string>): Promise<void> {
  const { seal } = await loadKeys(readConfig(environment));
  const clock = systemClock;
  const loadKey = async () => (await loadSigningKeys({ db, seal, clock }, "checkpoints"))[0];
  const sealer = createSealer({
    db,
    clock,
    log: createLogger({ level: "error" }),
    loadKey,
    entriesPerCheckpoint: 50_000,
  });
  await sealer.sealNow();
}

async function describeDatabase(pool: ReturnType<typeof connectDatabase>["pool"]) {
  const { rows } = await pool.query<{ server_version: string }>("show server_version");
  const found = await pool.query<{ user_id: string }>(
    "select user_id from users where type = 'internal-admin' order by id",
  );
  return { postgres: rows[0]?.server_version ?? "unknown", operatorIds: found.rows.map((row) => row.user_id) };
}
