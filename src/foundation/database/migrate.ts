import { readdir, readFile } from "node:fs/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import { type Migration, type MigrationProvider, Migrator } from "kysely/migration";
import pg from "pg";
import type { Logger } from "../logging/index.ts";

/** Which role the API works as, and how it comes to it. */
export type ApiRole =
  /** A log-in of its own: its URL is in DATABASE_URL and the owner's in DATABASE_OWNER_URL. */
  | { kind: "login"; name: string }
  /** One URL for both: the connection takes on a role without log-in. Guards against mistakes, not against injection. */
  | { kind: "assumed"; name: string };

const migrationsFolder = new URL("../../../migrations/", import.meta.url);

/** The SQL files of `migrations/`, in the order of their names. */
const files: MigrationProvider = {
  getMigrations: async () => {
    const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith(".sql")).sort();
    const entries = names.map(async (name): Promise<[string, Migration]> => {
      const text = await readFile(new URL(name, migrationsFolder), "utf8");
      return [name.replace(/\.sql$/, ""), { up: async (db) => void (await sql.raw(text).execute(db)) }];
    });
    return Object.fromEntries(await Promise.all(entries));
  },
};

/** The names of all migrations, for the readiness check. */
export async function listMigrations(): Promise<string[]> {
  return Object.keys(await files.getMigrations()).sort();
}

/** A migration locks tables in its own order; a version that still serves may hold one and wait for another. */
const deadlock = "40P01";

/**
 * Brings the database to this version's tables, as its owner. Forward only; two processes at once are safe (Kysely
 * takes a lock).
 *
 * @throws Error naming the migration that failed
 */
export async function migrateDatabase(ownerUrl: string, log: Logger): Promise<void> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 2 });
  pool.on("error", (error) => log.warn("database connection lost", { error }));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    for (let triesLeft = 4; ; triesLeft -= 1) {
      const { error, results } = await new Migrator({ db, provider: files }).migrateToLatest();
      if (!error) return;
      if ((error as { code?: string }).code === deadlock && triesLeft > 0) {
        log.warn("a migration met a deadlock, nothing of it was kept; it is made again", { error });
        continue;
      }
      const failed = results?.find((result) => result.status === "Error");
      if (!failed) throw error;
      throw new Error(`The migration ${failed.migrationName} failed; nothing of it was kept.`, { cause: error });
    }
  } finally {
    await db.destroy();
  }
}

/** Tables that the API's role may only read and add to. */
const onlyGrow = ["journal_entries", "journal_leaves", "journal_checkpoints"];

/** Gives the API's role what requests need, and nothing of what would rewrite history. Repeated at every start. */
export async function grantToApi(ownerUrl: string, role: ApiRole, log: Logger): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on("error", (error) => log.warn("database connection lost", { error }));
  await client.connect();
  const name = pg.escapeIdentifier(role.name);
  try {
    // Two processes that grant at once would fail on the same catalogue rows ("tuple concurrently updated").
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('usher grants'))");
    if (role.kind === "assumed") await assumeRole(client, role.name);
    await client.query(`
      grant usage on schema public, pgboss to ${name};
      grant select, insert, update, delete on all tables in schema public, pgboss to ${name};
      grant usage, select, update on all sequences in schema public, pgboss to ${name};
      grant execute on all functions in schema public, pgboss to ${name};
      revoke update, delete, truncate on ${onlyGrow.join(", ")} from ${name};
      revoke insert, update, delete, truncate on kysely_migration, kysely_migration_lock from ${name};
      alter default privileges in schema public, pgboss grant select, insert, update, delete on tables to ${name};
      alter default privileges in schema public, pgboss grant usage, select, update on sequences to ${name};
      commit`);
  } finally {
    await client.end();
  }
}

async function assumeRole(client: pg.Client, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  // A role belongs to the whole server: another database's start may make it in the same moment.
  await client.query(`do $$ begin
    if not exists (select from pg_roles where rolname = ${pg.escapeLiteral(name)}) then create role ${role} nologin; end if;
  exception when duplicate_object or unique_violation then null; end $$`);
  await client.query(`grant ${role} to current_user`);
}
