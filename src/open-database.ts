import pg from "pg";
import type { Config } from "./config.ts";
import { ConfigurationError } from "./foundation/config/index.ts";
import { startEmbeddedPostgres } from "./foundation/database/embedded/index.ts";
import { type ApiRole, grantToApi, migrateDatabase } from "./foundation/database/index.ts";
import { installJobs, type Job } from "./foundation/jobs/index.ts";
import type { Logger } from "./foundation/logging/index.ts";

/** A database that is there, migrated, and open to the API's role. */
export type OpenDatabase = {
  apiUrl: string;
  /** The role that API connections take on, where they log in as the owner. */
  role: string | undefined;
  /** What an operator should know: protection that is missing. */
  notices: string[];
  /** Stops the embedded server; does nothing for a server of one's own. */
  stop(): Promise<void>;
};

type Servers = { ownerUrl: string; apiUrl: string; separate: boolean; stop(): Promise<void> };

/**
 * Opens the database of the configuration: the server of DATABASE_URL, or the embedded one. Migrates it as its owner.
 *
 * @throws ConfigurationError when the server is too old or loses acknowledged writes (production)
 */
export async function openDatabase(config: Config, jobs: readonly Job<object>[], log: Logger): Promise<OpenDatabase> {
  const servers = await findServers(config, log);
  try {
    await refuseUnfitServer(servers.ownerUrl, config);
    await migrateDatabase(servers.ownerUrl, log);
    await installJobs(servers.ownerUrl, jobs, log);
    const { role, notices } = await openToApi(servers, log);
    return { apiUrl: servers.apiUrl, role, notices, stop: servers.stop };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function findServers(config: Config, log: Logger): Promise<Servers> {
  if (config.DATABASE_URL) {
    const ownerUrl = config.DATABASE_OWNER_URL ?? config.DATABASE_URL;
    return {
      ownerUrl,
      apiUrl: config.DATABASE_URL,
      separate: config.DATABASE_OWNER_URL !== undefined,
      stop: async () => {},
    };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir: config.USHER_DATA_DIR,
    onNotice: (message) => log.info(message),
  });
  return { ...embedded, separate: true };
}

async function refuseUnfitServer(ownerUrl: string, config: Config): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number; fsync: string; commit: string }>(
      "select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    const [server] = rows;
    if (!server) throw new Error("The database server did not describe itself.");
    const problems: string[] = [];
    if (server.version < 150_000) problems.push("DATABASE_URL leads to a PostgreSQL older than 15; use 15 or newer.");
    if (config.USHER_MODE === "production" && server.fsync === "off")
      problems.push("The database runs with fsync=off and would lose acknowledged writes; switch it on.");
    if (config.USHER_MODE === "production" && server.commit === "off")
      problems.push("The database runs with synchronous_commit=off and would lose acknowledged writes; switch it on.");
    if (problems.length > 0) throw new ConfigurationError(problems);
  } finally {
    await client.end();
  }
}

/** Without the right to make roles the API works as the owner; the journal's triggers still refuse changes. */
async function openToApi(servers: Servers, log: Logger): Promise<{ role: string | undefined; notices: string[] }> {
  if (servers.separate) {
    await grantToApi(
      servers.ownerUrl,
      { kind: "login", name: decodeURIComponent(new URL(servers.apiUrl).username) },
      log,
    );
    return { role: undefined, notices: [] };
  }
  const assumed: ApiRole = { kind: "assumed", name: "usher_api" };
  try {
    await grantToApi(servers.ownerUrl, assumed, log);
    return {
      role: assumed.name,
      notices: [
        "DATABASE_URL serves migrations and requests: the API takes on the role usher_api, which guards against mistakes, not against injection. Set DATABASE_OWNER_URL to separate them.",
      ],
    };
  } catch (error) {
    if ((error as { code?: string }).code !== "42501") throw error;
    return {
      role: undefined,
      notices: [
        "The database user may not make roles: the API works as the owner of the tables. Set DATABASE_OWNER_URL to separate them.",
      ],
    };
  }
}
