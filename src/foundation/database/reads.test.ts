import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createLogger } from "../logging/index.ts";
import { connectDatabase, type Db } from "./index.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

async function squaresOf(db: Db, numbers: readonly number[]) {
  const { rows } = await sql<{ n: number; square: number }>`/* prepared: squares */
    select n, n * n as square from unnest(${numbers}::integer[]) as asked (n) where n < 1000`.execute(db);
  const found = new Map(rows.map(({ n, square }) => [n, square]));
  return (n: number) => found.get(n);
}

async function backendOf(db: Db): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]?.pid ?? 0;
}

test("what is asked for in one turn is one query, each key once, and everybody gets their own answer", async () => {
  const asked: (readonly number[])[] = [];
  const square = database.reads.together((db, numbers: readonly number[]) => {
    asked.push(numbers);
    return squaresOf(db, numbers);
  });
  const answers = await Promise.all([3, 4, 3, 5000].map((n) => square(n)));
  assert.deepEqual(answers, [9, 16, 9, undefined]);
  assert.deepEqual(asked, [[3, 4, 5000]]);
});

test("what is asked for while a round is under way goes together in the next", async () => {
  const asked: (readonly number[])[] = [];
  const square = database.reads.together((db, numbers: readonly number[]) => {
    asked.push(numbers);
    return squaresOf(db, numbers);
  });
  const held = database.reads.together(async (db, keys: readonly number[]) => {
    await sql`select pg_advisory_xact_lock(${keys[0]})`.execute(db);
    return () => "let go";
  });
  const holder = new pg.Client({ connectionString: database.ownerUrl });
  await holder.connect();
  try {
    await holder.query("select pg_advisory_lock(4711)");
    const first = held(4711);
    await turnOfTheLoop();
    const [two, three] = [square(2), turnOfTheLoop().then(() => square(3))];
    await turnOfTheLoop();
    await turnOfTheLoop();
    assert.deepEqual(asked, []);
    await holder.query("select pg_advisory_unlock(4711)");
    assert.deepEqual(await Promise.all([first, two, three]), ["let go", 4, 9]);
    assert.deepEqual(asked, [[2, 3]]);
  } finally {
    await holder.end();
  }
});

test("nothing is kept: the same key is read again the next time", async () => {
  let reads = 0;
  const count = database.reads.together(async (_db, _keys: readonly string[]) => {
    reads += 1;
    return () => reads;
  });
  assert.equal(await count("a"), 1);
  assert.equal(await count("a"), 2);
});

test("a read that fails fails those who asked for it, and no others", async () => {
  const broken = database.reads.together(async (db, _keys: readonly number[]) => {
    await sql`select 1 / 0`.execute(db);
    return () => 0;
  });
  const square = database.reads.together(squaresOf);
  const outcomes = await Promise.allSettled([broken(1), square(7), broken(2)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "fulfilled", "rejected"],
  );
});

test("all share one connection, and when it is lost the next read opens another", async () => {
  const url = database.url;
  const { reads, close } = connectDatabase({
    url,
    poolSize: 1,
    applicationName: "usher test once lost",
    log: createLogger({ level: "silent" }),
  });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    const [first, second] = await Promise.all([backendOf(reads.db), backendOf(reads.db)]);
    assert.equal(first, second);
    const waiting = sql`select pg_sleep(60)`.execute(reads.db);
    // Sent before the end of the connection is asked for: the server has it in hand.
    const failed = assert.rejects(waiting);
    await owner.query("select pg_terminate_backend($1, 5000)", [first]);
    await failed;
    const next = await backendOf(reads.db);
    assert.notEqual(next, first);
    assert.equal(await backendOf(reads.db), next, "the new connection stays, though the old one tells its end twice");
    const { rows } = await owner.query(
      "select pid from pg_stat_activity where application_name = 'usher test once lost'",
    );
    assert.deepEqual(rows, [{ pid: next }]);
  } finally {
    await owner.end();
    await close();
  }
});

test("transactions have no place on a shared connection", async () => {
  await assert.rejects(
    database.reads.db.transaction().execute(async () => undefined),
    /know no transactions/,
  );
});
