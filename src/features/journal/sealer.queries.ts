import { type Insertable, type Selectable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

/** A checkpoint's row. */
export type CheckpointRow = Selectable<Database["journal_checkpoints"]>;

/** Where the sealer has got to: the last sealed entry in the order (xid, seq). */
export type SealedUpTo = { xid: string; seq: string };

/**
 * Takes the sealers' lock for this transaction, if nobody has it. The planner overrates the look-ups of sealNextEntries,
 * and compiling them would take a hundred times as long as doing them: no compiling in this transaction.
 */
export async function tryToLockSealer(trx: Transaction<Database>): Promise<boolean> {
  const query = sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('usher journal sealer')) as locked, set_config('jit', 'off', true)`;
  return (await query.execute(trx)).rows[0]?.locked === true;
}

/** Takes the exporters' lock for this transaction; waits for another exporter to finish. */
export async function lockExport(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('usher journal export'))`.execute(trx);
}

/** The newest checkpoint. */
export async function findNewestCheckpoint(db: Db): Promise<CheckpointRow | undefined> {
  return db.selectFrom("journal_checkpoints").selectAll().orderBy("size", "desc").limit(1).executeTakeFirst();
}

/** The checkpoint of exactly this size. */
export async function findCheckpoint(db: Db, size: number): Promise<CheckpointRow | undefined> {
  return db.selectFrom("journal_checkpoints").selectAll().where("size", "=", String(size)).executeTakeFirst();
}

/** Checkpoints larger than `size`, smallest first, at most `limit`. */
export async function listCheckpointsAfter(db: Db, size: number, limit: number): Promise<CheckpointRow[]> {
  return db
    .selectFrom("journal_checkpoints")
    .selectAll()
    .where("size", ">", String(size))
    .orderBy("size")
    .limit(limit)
    .execute();
}

/**
 * The entry at a position, in the order of sealing. `foreign` says that its transaction number lies in this server's
 * future: the database was restored from a dump, and the numbers began anew.
 */
export async function findSealedEntry(
  db: Db,
  position: number,
): Promise<(SealedUpTo & { foreign: boolean }) | undefined> {
  return db
    .selectFrom("journal_leaves as leaf")
    .innerJoin("journal_entries as entry", "entry.seq", "leaf.seq")
    .select([
      "entry.xid",
      "entry.seq",
      sql<boolean>`entry.xid >= pg_snapshot_xmax(pg_current_snapshot())`.as("foreign"),
    ])
    .where("leaf.position", "=", String(position))
    .executeTakeFirst();
}

/** Whether any entry has a transaction number from this server's future (see findSealedEntry). */
export async function hasForeignEntry(db: Db): Promise<boolean> {
  const query = sql<{ found: boolean }>`
    select exists (select from journal_entries where xid >= pg_snapshot_xmax(pg_current_snapshot())) as found`;
  return (await query.execute(db)).rows[0]?.found === true;
}

/**
 * Gives the next entries their positions and leaves: those below the horizon (every transaction that could still add
 * one there has ended, so none is passed over) behind `after`, ordered by (xid, seq). The subquery on leaves is for a
 * restored database, where sealed entries may lie in the way. Its form matters at millions of entries: a scalar, not
 * `not exists`, so that it is an index look-up for each entry and never a join of whole tables; `is distinct from`, not
 * `is null`, because the planner takes the latter to be rare and would read and sort all that is left for each page.
 */
export async function sealNextEntries(
  trx: Transaction<Database>,
  input: { firstPosition: number; after: SealedUpTo; limit: number },
): Promise<Buffer[]> {
  return insertLeaves(
    trx,
    input.firstPosition,
    sql`select seq, canonical, row_number() over (order by xid, seq) as place from (
      select entry.xid, entry.seq, entry.canonical from journal_entries entry
      where (entry.xid, entry.seq) > (${input.after.xid}::xid8, ${input.after.seq}::bigint)
        and entry.xid < pg_snapshot_xmin(pg_current_snapshot())
        and (select leaf.seq from journal_leaves leaf where leaf.seq = entry.seq) is distinct from entry.seq
      order by entry.xid, entry.seq limit ${input.limit}) page`,
  );
}

/**
 * As sealNextEntries, over all entries, whatever their transaction numbers: for a restored database. Numbers from the
 * future belong to the life before, so their transactions have ended; they go first, so that afterwards the last sealed
 * entry has a number of this life.
 */
export async function sealLeftEntries(
  trx: Transaction<Database>,
  input: { firstPosition: number; limit: number },
): Promise<Buffer[]> {
  // It reads the whole journal, which may take longer than a request may.
  await sql`set local statement_timeout = 0`.execute(trx);
  return insertLeaves(
    trx,
    input.firstPosition,
    sql`select seq, canonical, row_number() over (order by ours, xid, seq) as place from (
      select entry.xid, entry.seq, entry.canonical, entry.xid < pg_snapshot_xmax(pg_current_snapshot()) as ours
      from journal_entries entry
      where (entry.xid < pg_snapshot_xmin(pg_current_snapshot()) or entry.xid >= pg_snapshot_xmax(pg_current_snapshot()))
        and not exists (select from journal_leaves leaf where leaf.seq = entry.seq)
      order by ours, entry.xid, entry.seq limit ${input.limit}) page`,
  );
}

/** The leaf is SHA-256(0x00 || text), computed where the text is (RFC 6962, section 2.1). */
async function insertLeaves(trx: Transaction<Database>, firstPosition: number, page: ReturnType<typeof sql>) {
  const { rows } = await sql<{ leaf_hash: Buffer }>`
    with page as (${page}), added as (
      insert into journal_leaves (position, seq, leaf_hash)
      select ${firstPosition}::bigint + place - 1, seq, sha256('\\x00'::bytea || convert_to(canonical, 'UTF8')) from page
      returning position, leaf_hash)
    select leaf_hash from added order by position`.execute(trx);
  return rows.map((row) => row.leaf_hash);
}

/** Adds a checkpoint. */
export async function insertCheckpoint(
  trx: Transaction<Database>,
  row: Insertable<Database["journal_checkpoints"]>,
): Promise<void> {
  await trx.insertInto("journal_checkpoints").values(row).execute();
}
