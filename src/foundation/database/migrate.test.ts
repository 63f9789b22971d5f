import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createLogger } from "../logging/index.ts";
import { listMigrations, migrateDatabase } from "./index.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

test("a migration that meets a deadlock with a version that still serves gives way and is made again", async () => {
  const [serving, watching] = [0, 1].map(() => new pg.Client({ connectionString: database.ownerUrl }));
  if (!serving || !watching) throw new Error("There are two.");
  await Promise.all([serving.connect(), watching.connect()]);
  const waits = async () => {
    const { rows } = await watching.query<{ n: number }>(
      `select count(*)::integer as n from pg_locks
       where not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows[0]?.n ?? 0;
  };
  try {
    await serving.query(`
      drop table changes, changes_pruned;
      drop function note_standing_change, note_gate_facts_change, note_log_in_change, note_service_account_change,
        note_changes_of_all cascade;
      delete from kysely_migration where name = '0020-changes'`);
    // Whoever has waited for so long notices the deadlock, and is the one to fail: the migration.
    await serving.query("set deadlock_timeout = '1h'; begin; lock table oidc_records in row exclusive mode");
    const migrated = migrateDatabase(database.ownerUrl, createLogger({ level: "silent" }));
    while ((await waits()) === 0);
    await serving.query("lock table users in row exclusive mode; commit");
    await migrated;
    const { rows } = await serving.query<{ name: string }>("select name from kysely_migration order by name");
    assert.deepEqual(
      rows.map(({ name }) => name),
      await listMigrations(),
    );
  } finally {
    await Promise.all([serving.end(), watching.end()]);
  }
});
