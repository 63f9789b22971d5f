import { sql, type Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { EntryColumns } from "./entry-text.ts";
import { type CheckpointRow, listCheckpointsAfter } from "./sealer.queries.ts";

/** An entry as it stands in the table; `at_text` has microseconds, which the driver would cut. */
export type StoredEntry = EntryColumns & { seq: string; canonical: string; at_text: string };

/** A leaf, with its entry where it is still there. */
export type StoredLeaf = { position: number; seq: string; leaf_hash: Buffer; entry: StoredEntry | undefined };

const rowsPerPage = 2_000;

const entryColumns = [
  "entry.entry_id",
  "entry.at",
  "entry.actor_kind",
  "entry.actor_id",
  "entry.on_behalf_of",
  "entry.action",
  "entry.subject_kind",
  "entry.subject_id",
  "entry.request_id",
  "entry.canonical",
] as const;

const atText = sql<string>`to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as("at_text");

/** A verification may take longer than a request, and between two of its queries it computes. */
export async function liftTimeouts(trx: Transaction<Database>): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(trx);
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
}

/** How many there are of each. */
export async function countJournal(trx: Transaction<Database>) {
  const { rows } = await sql<{ entries: string; sealed: string; checkpoints: string }>`select
    (select count(*) from journal_entries) as entries,
    (select count(*) from journal_leaves) as sealed,
    (select count(*) from journal_checkpoints) as checkpoints`.execute(trx);
  const [counts] = rows;
  return {
    entries: Number(counts?.entries),
    sealed: Number(counts?.sealed),
    checkpoints: Number(counts?.checkpoints),
  };
}

/** All leaves in the order of their positions, in pages. */
export async function* pageLeaves(trx: Transaction<Database>): AsyncGenerator<StoredLeaf[]> {
  for (let after = -1; ; ) {
    const rows = await trx
      .selectFrom("journal_leaves as leaf")
      .leftJoin("journal_entries as entry", "entry.seq", "leaf.seq")
      .select(["leaf.position", "leaf.seq", "leaf.leaf_hash", ...entryColumns, atText])
      .where("leaf.position", ">", String(after))
      .orderBy("leaf.position")
      .limit(rowsPerPage)
      .execute();
    yield rows.map((row) => ({
      position: Number(row.position),
      seq: row.seq,
      leaf_hash: row.leaf_hash,
      entry: row.entry_id === null ? undefined : (row as StoredEntry),
    }));
    if (rows.length < rowsPerPage) return;
    after = Number(rows.at(-1)?.position);
  }
}

/**
 * All entries without a leaf, by seq, in pages. `passedOver` says that the entry lies behind the last sealed one in the
 * sealer's order (xid, seq), which means that it was put there afterwards; never so in a database restored from a dump
 * since the last sealing, whose transaction numbers began anew.
 */
export async function* pageUnsealed(
  trx: Transaction<Database>,
): AsyncGenerator<(StoredEntry & { passedOver: boolean })[]> {
  for (let after = "-1"; ; ) {
    const rows = await trx
      .with("last", (query) =>
        query
          .selectFrom("journal_leaves as leaf")
          .innerJoin("journal_entries as entry", "entry.seq", "leaf.seq")
          .select(["entry.xid", "entry.seq"])
          .orderBy("leaf.position", "desc")
          .limit(1),
      )
      .selectFrom("journal_entries as entry")
      .leftJoin("last", (join) => join.onTrue())
      .select(["entry.seq", ...entryColumns, atText])
      .select(
        sql<boolean>`coalesce((entry.xid, entry.seq) < (last.xid, last.seq)
          and last.xid < pg_snapshot_xmax(pg_current_snapshot()), false)`.as("passedOver"),
      )
      .where("entry.seq", ">", after)
      .where(
        ({ selectFrom }) =>
          selectFrom("journal_leaves as leaf").select("leaf.seq").whereRef("leaf.seq", "=", "entry.seq"),
        "is",
        null,
      )
      .orderBy("entry.seq")
      .limit(rowsPerPage)
      .execute();
    yield rows;
    if (rows.length < rowsPerPage) return;
    after = rows.at(-1)?.seq as string;
  }
}

/** All checkpoints, smallest first. */
export async function* eachCheckpoint(trx: Transaction<Database>): AsyncGenerator<CheckpointRow, undefined> {
  for (let after = 0; ; ) {
    const rows = await listCheckpointsAfter(trx, after, rowsPerPage);
    yield* rows;
    if (rows.length < rowsPerPage) return;
    after = Number(rows.at(-1)?.size);
  }
}
