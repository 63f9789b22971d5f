import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestClock } from "../clock/index.ts";
import { createLogger } from "../logging/index.ts";
import { connectDatabase, type Db, type KeptRead, pruneChanges, type Reads } from "./index.ts";

const clock = createTestClock(new Date());
let database: TestDatabase;
let owner: pg.Client;
before(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(`
    create table things (n integer primary key, value integer not null);
    grant select, insert, update on things to public;
    create function note_thing_change() returns trigger language plpgsql as $$ begin
      insert into changes (kind, key) values ('things', old.n::text); return null; end $$;
    create trigger thing_changed after update on things for each row execute function note_thing_change()`);
});
after(async () => {
  await owner.end();
  await database.drop();
});
beforeEach(() => owner.query("delete from things; insert into things select n, 0 from generate_series(1, 8) as n"));

/** A kept read of things, with what was asked of the database. */
function keepThings(reads: Reads): { read: KeptRead<number, number>; asked: number[][] } {
  const asked: number[][] = [];
  const find = async (db: Db, keys: readonly number[]) => {
    asked.push([...keys]);
    const { rows } = await sql<{ n: number; value: number }>`/* prepared: things */
      select n, value from things where n = any((select ${keys}::integer[])::integer[])`.execute(db);
    const found = new Map(rows.map(({ n, value }) => [n, value]));
    return (n: number) => found.get(n);
  };
  return { read: reads.kept(find, { kind: "things", readKey: Number, place: new Map() }), asked };
}

const setValue = (n: number, value: number) => owner.query("update things set value = $2 where n = $1", [n, value]);

test("what was found once is not asked for again while it stays as it is; what changes is, and only that", async () => {
  const { read, asked } = keepThings(database.reads);
  assert.deepEqual(await Promise.all([read(1), read(2), read(1)]), [0, 0, 0]);
  assert.deepEqual(await Promise.all([read(2), read(1)]), [0, 0]);
  assert.deepEqual(asked, [[1, 2]]);
  await setValue(1, 5);
  assert.deepEqual(await Promise.all([read(2), read(1)]), [0, 5]);
  assert.deepEqual(asked, [[1, 2], [1]]);
});

test("what is not there is asked for each time, and found once it is", async () => {
  const { read, asked } = keepThings(database.reads);
  assert.equal(await read(9), undefined);
  await owner.query("insert into things values (9, 1)");
  assert.equal(await read(9), 1);
  assert.equal(asked.length, 2);
});

test("a change counts when it is committed: not before, and never later, however long ago it began", async () => {
  const { read } = keepThings(database.reads);
  const writer = new pg.Client({ connectionString: database.ownerUrl });
  await writer.connect();
  try {
    await writer.query("begin; update things set value = 7 where n = 1");
    // Others begin and end meanwhile: the snapshot's xmin stays with the one that is open.
    await setValue(2, 3);
    assert.deepEqual([await read(1), await read(2)], [0, 3]);
    await setValue(2, 4);
    assert.deepEqual([await read(1), await read(2)], [0, 4]);
    await writer.query("commit");
    assert.deepEqual([await read(1), await read(2)], [7, 4]);
    await writer.query("begin; update things set value = 8 where n = 1");
    await read(1);
    await writer.query("rollback");
    assert.equal(await read(1), 7);
    await writer.query("begin; savepoint s; update things set value = 9 where n = 1; release s");
    await read(1);
    await writer.query("commit");
    assert.equal(await read(1), 9);
  } finally {
    await writer.end();
  }
});

test("no answer is older than what was acknowledged before it was asked for, with four writers and forty readers", async () => {
  const { read } = keepThings(database.reads);
  const acknowledged = new Map<number, number>();
  let writing = 4;
  const write = async (writer: number) => {
    for (let turn = 0; turn < 250; turn += 1) {
      const n = 1 + ((writer + turn * 3) % 8);
      const value = await database.db.transaction().execute(async (trx) => {
        const { rows } = await sql<{
          value: number;
        }>`update things set value = value + 1 where n = ${n} returning value`.execute(trx);
        if (turn % 3 === 0) await turnOfTheLoop();
        return rows[0]?.value ?? 0;
      });
      acknowledged.set(n, Math.max(value, acknowledged.get(n) ?? 0));
    }
    writing -= 1;
  };
  const keepReading = async (reader: number) => {
    for (let turn = 0; writing > 0; turn += 1) {
      const n = 1 + ((reader + turn) % 8);
      const floor = acknowledged.get(n) ?? 0;
      const value = (await read(n)) ?? -1;
      assert.ok(value >= floor, `${value} of ${n}, though ${floor} was acknowledged`);
      // So that they do not all wait for the same round.
      for (let turns = (reader + turn) % 5; turns > 0; turns -= 1) await turnOfTheLoop();
    }
  };
  await Promise.all([
    ...Array.from({ length: 4 }, (_, writer) => write(writer)),
    ...Array.from({ length: 40 }, (_, reader) => keepReading(reader)),
  ]);
  for (const [n, value] of acknowledged) assert.equal(await read(n), value);
});

test("after changes by the thousand, or with no word of which, all is read anew", async () => {
  const { read, asked } = keepThings(database.reads);
  await Promise.all([read(1), read(2)]);
  await owner.query("insert into changes (kind, key) select 'things', n::text from generate_series(100, 6000) as n");
  assert.deepEqual(await Promise.all([read(1), read(2)]), [0, 0]);
  await owner.query("insert into changes (kind) values ('things')");
  assert.deepEqual(await Promise.all([read(1), read(2)]), [0, 0]);
  assert.equal(asked.length, 3);
});

/** Takes turns of pruning until the change of a key is gone. How far a turn goes is up to all who write on the server. */
async function pruneAway(key: string): Promise<void> {
  for (let turns = 0; turns < 2000; turns += 1) {
    clock.advanceSeconds(60);
    await pruneChanges({ db: database.db, clock });
    if ((await owner.query("select from changes where key = $1", [key])).rowCount === 0) return;
  }
  throw new Error("The change was never pruned.");
}

test("who asks so seldom that changes were pruned meanwhile gets them all the same", async () => {
  const { read } = keepThings(database.reads);
  await read(1);
  await setValue(1, 6);
  await pruneAway("1");
  assert.equal(await read(1), 6);
});

test("one turn of pruning costs nobody what they keep, and turns are not taken twice at once", async () => {
  const { read, asked } = keepThings(database.reads);
  const prune = () => pruneChanges({ db: database.db, clock });
  await prune();
  await read(1);
  clock.advanceSeconds(60);
  await Promise.all([prune(), prune(), prune()]);
  await read(1);
  assert.deepEqual(asked, [[1]]);
});

test("prunes that wait for one another forget nothing that somebody still needs", async () => {
  const blocker = new pg.Client({ connectionString: database.ownerUrl });
  await blocker.connect();
  try {
    for (let turn = 1; turn <= 40; turn += 1) {
      const { read } = keepThings(database.reads);
      await blocker.query("begin; update changes_pruned set next = next");
      const prune = () => {
        clock.advanceSeconds(60);
        return pruneChanges({ db: database.db, clock });
      };
      const waiting = [prune(), prune()];
      await read(1);
      await setValue(1, turn);
      waiting.push(prune(), prune());
      await blocker.query("commit");
      waiting.push(prune(), prune());
      await Promise.all(waiting);
      assert.equal(await read(1), turn);
    }
  } finally {
    await blocker.end();
  }
});

test("what a dump brought from another server is out of the way after one turn", async () => {
  await owner.query("update changes_pruned set below = '999999999', next = '999999999'");
  await owner.query("insert into changes values ('888888888', 'things', 'from afar')");
  const { read, asked } = keepThings(database.reads);
  for (const _time of ["once", "twice"]) assert.equal(await read(1), 0);
  assert.equal(asked.length, 2, "nothing is kept on such ground");
  clock.advanceSeconds(60);
  await pruneChanges({ db: database.db, clock });
  assert.equal((await owner.query("select from changes where key = 'from afar'")).rowCount, 0);
  await read(1);
  const before = asked.length;
  assert.equal(await read(1), 0);
  assert.equal(asked.length, before);
});

test("a table of changes that was emptied or made anew is no proof", async () => {
  const { read } = keepThings(database.reads);
  await read(1);
  await setValue(1, 3);
  await owner.query("truncate changes");
  assert.equal(await read(1), 3);
});

test("where the question is refused, all is read anew, and kept again once it is answered", async () => {
  const { read, asked } = keepThings(database.reads);
  await read(1);
  await owner.query("alter table changes rename to hidden");
  try {
    assert.equal(await read(1), 0);
    assert.equal(await read(1), 0);
  } finally {
    await owner.query("alter table hidden rename to changes");
  }
  assert.equal(asked.length, 3);
  for (const _time of ["once", "twice"]) assert.equal(await read(1), 0);
  assert.equal(asked.length, 4);
});

test("nothing that was kept outlives the connection that it was proven on", async () => {
  const { url } = database;
  const log = createLogger({ level: "silent" });
  const { reads, close } = connectDatabase({ url, poolSize: 1, applicationName: "usher test of keeping", log });
  try {
    const { read, asked } = keepThings(reads);
    await read(1);
    await owner.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'usher test of keeping'",
    );
    await owner.query("alter table things disable trigger thing_changed; update things set value = 4 where n = 1");
    // The first to ask may find out that the connection is gone.
    await read(1).catch(() => undefined);
    assert.equal(await read(1), 4);
    assert.equal(asked.length, 2);
  } finally {
    await owner.query("alter table things enable trigger thing_changed");
    await close();
  }
});

test("what took so long to be found that more has changed since is given, but not kept", async () => {
  const found = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const slowly = async (db: Db, _keys: readonly number[]) => {
    const { rows } = await sql<{ value: number }>`select value from things where n = 1`.execute(db);
    found.resolve();
    await letGo.promise;
    return () => rows[0]?.value;
  };
  const slow = database.reads.kept(slowly, { kind: "things", readKey: Number, place: new Map() });
  const { read } = keepThings(database.reads);
  await read(2);
  const first = slow(1);
  await found.promise;
  await setValue(1, 3);
  assert.equal(await read(2), 0);
  letGo.resolve();
  assert.deepEqual([await first, await slow(1)], [0, 3]);
});

test("two who keep the same kind are both told", async () => {
  const [one, other] = [keepThings(database.reads), keepThings(database.reads)];
  assert.deepEqual(await Promise.all([one.read(1), other.read(1)]), [0, 0]);
  await setValue(1, 2);
  assert.deepEqual(await Promise.all([one.read(1), other.read(1)]), [2, 2]);
});

test("the question what changed is planned by the index, however small the table is", async () => {
  await owner.query("truncate changes");
  await owner.query("vacuum analyze changes");
  const { rows } = await sql<{ "QUERY PLAN": string }>`explain select * from changes where xid >= '3'::xid8`.execute(
    database.reads.db,
  );
  assert.match(rows.map((row) => row["QUERY PLAN"]).join("\n"), /changes_by_xid/);
});
