import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import { sql } from "kysely";
import { keysFileOf, verifyJournal } from "../src/features/journal/index.ts";
import type { Db } from "../src/foundation/database/index.ts";
import { rules } from "./invariant-rules.ts";
import { findBadSessions } from "./session-oracle.ts";
import { findBadLifecycles } from "./walk-lifecycles.ts";

/** What is looked at. */
export type Scene = {
  db: Db;
  /** Where the exported checkpoints and their keys are; without it the journal is verified without signatures. */
  dataDir?: string;
  /** Texts that no table may hold in clear, such as document numbers (I8). */
  canaries?: readonly string[];
};

/**
 * Fails, naming every violation, unless the invariants of the design that show in the database hold: I1 needs to know what
 * was acknowledged, I10 what failed, and I14 the answers; those are for the tests that know.
 */
export async function assertInvariants(scene: Scene): Promise<void> {
  assert.deepEqual(await findViolations(scene), []);
}

/** Every violation as a sentence; of each kind the first ten. All but the journal are looked at in one snapshot. */
export async function findViolations({ db, dataDir, canaries = [] }: Scene): Promise<string[]> {
  const found: string[] = [];
  const add = (name: string, what: readonly string[]) =>
    found.push(...what.slice(0, 10).map((text) => `${name}: ${text}`));
  await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (snapshot) => {
      for (const [name, statement] of Object.entries(rules)) {
        const { rows } = await sql<{ what: string }>`${sql.raw(statement)}`.execute(snapshot);
        add(
          name,
          rows.map(({ what }) => what),
        );
      }
      add("I4 moves along declared edges", await findBadLifecycles(snapshot));
      add("I5 sessions follow the oracle", await findBadSessions(snapshot));
      add("I8 nothing confidential in clear", await findCanaries(snapshot, canaries));
    });
  add("I7 the journal verifies", await findJournalFaults(db, dataDir));
  return found;
}

async function findJournalFaults(db: Db, dataDir: string | undefined): Promise<string[]> {
  const checkpoints = join(dataDir ?? "", "checkpoints.jsonl");
  const exported = dataDir !== undefined && existsSync(checkpoints);
  const { ok, firstBad } = await verifyJournal(
    { db },
    exported
      ? {
          publicKeys: JSON.parse(await readFile(keysFileOf(checkpoints), "utf8")) as JSONWebKeySet,
          exportedCheckpoints: (await readFile(checkpoints, "utf8")).split("\n"),
        }
      : {},
  );
  return ok ? [] : [JSON.stringify(firstBad)];
}

async function findCanaries(db: Db, canaries: readonly string[]): Promise<string[]> {
  if (canaries.length === 0) return [];
  const { rows: tables } = await sql<{ name: string }>`
    select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
    where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'
      and has_table_privilege(quote_ident(table_schema) || '.' || quote_ident(table_name), 'select')`.execute(db);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ canary: string }>`
      select distinct canary from ${sql.raw(name)} as t, unnest(${canaries}::text[]) as canary
      where strpos(t::text, canary) > 0`.execute(db);
    found.push(...rows.map(({ canary }) => `${name} holds ${canary}`));
  }
  return found;
}
