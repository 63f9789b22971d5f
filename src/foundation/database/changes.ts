import { sql, type Transaction } from "kysely";
import { addSeconds, type Clock } from "../clock/index.ts";
import type { Database, Db } from "./database.ts";
import type { Rounds } from "./rounds.ts";
import type { SharedConnection } from "./shared-connection.ts";

/** What is kept in memory of one kind, to be dropped when it changes. */
export type Droppable = {
  /** `key` as the table `changes` has it. */
  drop(key: string): void;
  clear(): void;
};

/** How what is kept is proven unchanged. Where the question cannot be asked, nothing is kept any more. */
export type Changes = {
  /** Has a kind of things dropped as they change: `kind` as the triggers of the migrations write it. */
  watch(kind: string, kept: Droppable): void;
  /** Resolves with the next round, once everything that had changed when it was sent is dropped. */
  settled(): Promise<void>;
  /**
   * Asks what has changed, once a round however often it is called. To be called where a round runs, before what is to be
   * kept is read: that may be kept if `isNewest` says so, once it is found, of the round that this gives.
   */
  settleThisRound(): Promise<number>;
  isNewest(round: number): boolean;
};

type Answer = {
  snapshot: string;
  server: string;
  /** Whether nothing that has changed since was pruned. */
  complete: boolean;
  looked_at: number;
  changed: string[] | null;
};

/**
 * More changes than this to look at, and everything is dropped instead: after a change of many at once, or while a
 * transaction that writes stays open for so long that all changes since its beginning come into question.
 */
const mostLookedAt = 1000;

/**
 * Gives the changes of transactions that the snapshot of the last time did not see and the statement's own does. What it
 * did not see was running then, or began later; so none of it is below its xmin. Proof of nothing is a snapshot from
 * another server, another connection, or another filling of the table (dropped, truncated, restored).
 */
const question = `/* prepared: changes */
  select pg_current_snapshot()::text as snapshot,
    concat_ws(' ', pg_postmaster_start_time(), pg_relation_filenode('changes')) as server,
    coalesce((select below <= pg_snapshot_xmin($1::pg_snapshot) from changes_pruned), false) as complete,
    looked_at, changed
  from (
    select count(*)::integer as looked_at,
      array_agg(kind || ':' || coalesce(key, '')) filter (where not pg_visible_in_snapshot(xid, $1::pg_snapshot)) as changed
    from (select * from changes where xid >= pg_snapshot_xmin($1::pg_snapshot) limit ${mostLookedAt + 1}) as recent
  ) as found`;

/**
 * Makes the proof for what is kept on one shared connection.
 *
 * @param onFailure hears the first of several questions in a row that fail
 */
export function createChanges(
  connection: SharedConnection,
  rounds: Rounds,
  onFailure: (error: unknown) => void,
): Changes {
  const watched: { kind: string; kept: Droppable }[] = [];
  const clearAll = () => {
    for (const { kept } of watched) kept.clear();
  };
  let seen: { snapshot: string; origin: string } | undefined;
  let newest: number | undefined;
  let failing = false;
  const settle = async (round: number): Promise<void> => {
    const { rows } = await connection.query(question, [seen?.snapshot ?? null]);
    const { snapshot, server, complete, looked_at: lookedAt, changed } = rows[0] as Answer;
    const origin = `${connection.opened()} ${server}`;
    if (origin !== seen?.origin || !complete || lookedAt > mostLookedAt) clearAll();
    else for (const change of changed ?? []) dropChanged(watched, change);
    seen = { snapshot, origin };
    newest = round;
    failing = false;
  };
  const forget = (error: unknown) => {
    clearAll();
    seen = undefined;
    newest = undefined;
    if (!failing) onFailure(error);
    failing = true;
  };
  let asked: { round: number; settled: Promise<number> } | undefined;
  const settleThisRound = () => {
    const round = rounds.count();
    if (asked?.round !== round)
      asked = {
        round,
        settled: settle(round)
          .catch(forget)
          .then(() => round),
      };
    return asked.settled;
  };
  let forNextRound: Promise<void> | undefined;
  return {
    watch: (kind, kept) => void watched.push({ kind, kept }),
    settled: () => {
      forNextRound ??= new Promise((resolve) =>
        rounds.schedule(() => {
          // Whoever asks from here on may have heard of a change that this round does not see.
          forNextRound = undefined;
          void settleThisRound().then(() => resolve());
        }),
      );
      return forNextRound;
    },
    settleThisRound,
    isNewest: (round) => round === newest,
  };
}

/** `change` is a kind and a key; without a key, all of the kind has changed. */
function dropChanged(watched: readonly { kind: string; kept: Droppable }[], change: string): void {
  const end = change.indexOf(":");
  const [changedKind, key] = [change.slice(0, end), change.slice(end + 1)];
  for (const { kind, kept } of watched) {
    if (kind !== changedKind) continue;
    if (key === "") kept.clear();
    else kept.drop(key);
  }
}

/** Turns come no closer than this, however many processes take them. */
const secondsBetweenTurns = 50;
const deletedAtOnce = 10_000;

/**
 * Forgets changes that every process has long asked for. A turn makes those of two turns ago forgettable: whoever has not
 * asked for so long keeps nothing then.
 */
export async function pruneChanges({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  const now = clock.now();
  if (!(await db.transaction().execute(async (trx) => takeTurn(trx, now)))) return;
  for (let more = true; more; ) {
    // What lies ahead was restored from another server.
    const { numAffectedRows } = await sql`
      delete from changes where ctid = any(array(
        select ctid from changes
        where xid < (select below from changes_pruned) or xid >= pg_snapshot_xmax(pg_current_snapshot())
        limit ${deletedAtOnce}))`.execute(db);
    more = Number(numAffectedRows ?? 0) === deletedAtOnce;
  }
}

/** Once the row is locked, the next statement's snapshot is younger than that of every turn before. */
async function takeTurn(trx: Transaction<Database>, now: Date): Promise<boolean> {
  const { rows } = await sql`
    select 1 from changes_pruned where turned_at <= ${addSeconds(now, -secondsBetweenTurns)}
    for update skip locked`.execute(trx);
  if (rows.length === 0) return false;
  await sql`
    update changes_pruned set turned_at = ${now}, below = least(next, oldest), next = oldest
    from pg_snapshot_xmin(pg_current_snapshot()) as running (oldest)`.execute(trx);
  return true;
}
