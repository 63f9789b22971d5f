import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { allOf, type Db } from "./index.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

const divideByZero = (db: Db) => sql`select 1 / 0`.execute(db);

test("the second part is sent before the first is answered", async (context) => {
  const { mock } = context.mock.method(pg.Client.prototype, "query");
  const sentAtFirstAnswer = await database.db.transaction().execute(async (trx) => {
    const before = mock.callCount();
    const first = async () => {
      await sql`select 1`.execute(trx);
      return mock.callCount() - before;
    };
    const [sent] = await allOf([first(), sql`select 2`.execute(trx)]);
    return sent;
  });
  assert.equal(sentAtFirstAnswer, 2);
});

test("parts see each other in the order in which they were begun, and each gives its own", async () => {
  const found = await database.db.transaction().execute(async (trx) => {
    await sql`create temporary table parts (n integer) on commit drop`.execute(trx);
    const count = async () =>
      (await sql<{ n: number }>`select count(*)::integer as n from parts`.execute(trx)).rows[0]?.n;
    const insert = async () => void (await sql`insert into parts values (1)`.execute(trx));
    return allOf([count(), insert(), count(), "as it is"]);
  });
  assert.deepEqual(found, [0, undefined, 1, "as it is"]);
});

test("of many failures, the one is told that the others followed from", async () => {
  const failing = database.db.transaction().execute(async (trx) => {
    const inTwoSteps = async () => {
      await sql`select 1`.execute(trx);
      await sql`select 2`.execute(trx);
    };
    await allOf([inTwoSteps(), divideByZero(trx), sql`select 3`.execute(trx)]);
  });
  await assert.rejects(failing, { code: "22012" });
});

test("nor is it told that a statement is missing which the failure kept from being prepared", async () => {
  const failing = database.db.transaction().execute(async (trx) => {
    const late = async () => {
      await sql`select 1`.execute(trx);
      return sql`/* prepared: late */ select 1`.execute(trx);
    };
    await allOf([late(), late(), divideByZero(trx)]);
  });
  await assert.rejects(failing, { code: "22012" });
});

test("a transaction whose part failed ends after its other parts, and nothing of it stays", async () => {
  const ends: string[] = [];
  const bucket = Buffer.from("of a part");
  const failing = database.db.transaction().execute(async (trx) => {
    const failed = divideByZero(trx);
    const slow = async () => {
      await failed.catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      ends.push("the slow part");
    };
    const insert = sql`insert into throttles (bucket, count, window_started_at) values (${bucket}, 1, now())`;
    await allOf([insert.execute(trx), failed, slow()]);
  });
  await assert.rejects(failing, { code: "22012" });
  ends.push("the transaction");
  assert.deepEqual(ends, ["the slow part", "the transaction"]);
  const stored = database.db.selectFrom("throttles").select("count").where("bucket", "=", bucket);
  assert.equal(await stored.executeTakeFirst(), undefined);
});
