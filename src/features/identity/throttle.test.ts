import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestClock } from "../../foundation/clock/index.ts";
import { createKeyedHash } from "../../foundation/crypto/index.ts";
import { DeclaredError } from "../../foundation/errors/index.ts";
import { deleteOldThrottles } from "./clean-up.ts";
import { type Charge, createThrottles, sourceOf, type Throttles } from "./throttle.ts";

const clock = createTestClock(new Date("2026-03-01T12:00:00.000Z"));
const hash = createKeyedHash(randomBytes(32));
let database: TestDatabase;
let throttles: Throttles;
before(async () => {
  database = await createTestDatabase();
  throttles = createThrottles({ db: database.db, clock, hash }, { perSource: true });
});
after(() => database.drop());

/** Seconds to wait, or 0 where the charge went through. */
async function charge(...charges: Charge[]): Promise<number> {
  try {
    await throttles.charge(charges);
    return 0;
  } catch (error) {
    assert.ok(error instanceof DeclaredError && error.declaration.code === "too-many-requests");
    return error.occurrence.retryAfterSeconds ?? assert.fail("without a time to wait");
  }
}
const here = (account: string): Charge => ["log-in by account and source", account, "192.0.2.1"];

test("five failures are free, then the pause doubles from 30 seconds to a quarter of an hour", async () => {
  for (let index = 0; index < 5; index += 1) assert.equal(await charge(here("a")), 0);
  const pauses: number[] = [];
  for (let index = 0; index < 8; index += 1) {
    const pause = await charge(here("a"));
    pauses.push(pause);
    clock.advanceSeconds(pause - 1);
    assert.equal(await charge(here("a")), 1, "one second before its end it still stands");
    clock.advanceSeconds(1);
    assert.equal(await charge(here("a")), 0);
  }
  assert.deepEqual(pauses, [30, 60, 120, 240, 480, 900, 900, 900]);
});

test("of 64 failures at once, exactly five get through", async () => {
  const waits = await Promise.all(Array.from({ length: 64 }, () => charge(here("parallel"))));
  assert.equal(waits.filter((wait) => wait === 0).length, 5);
});

test("the same account from another place, and another account from the same place, stay open", async () => {
  for (let index = 0; index < 6; index += 1) await charge(here("b"));
  assert.equal(await charge(["log-in by account and source", "b", "198.51.100.7"]), 0);
  assert.equal(await charge(here("c")), 0);
});

test("a success forgets the failures", async () => {
  for (let index = 0; index < 6; index += 1) await charge(here("d"));
  await throttles.forget([here("d")]);
  for (let index = 0; index < 5; index += 1) assert.equal(await charge(here("d")), 0);
});

test("a fixed budget opens again when its window ends", async () => {
  const code: Charge = ["reset codes", "e"];
  assert.deepEqual([await charge(code), await charge(code), await charge(code)], [0, 0, 0]);
  clock.advanceSeconds(600);
  assert.equal(await charge(code), 300);
  clock.advanceSeconds(300);
  assert.equal(await charge(code), 0);
});

test("where one of several budgets is used up, none is charged", async () => {
  const full: Charge = ["confirmation codes in a row", "f"];
  const other: Charge = ["reset codes", "f"];
  await charge(full);
  for (let index = 0; index < 5; index += 1) assert.equal(await charge(other, full), 60);
  assert.deepEqual([await charge(other), await charge(other), await charge(other)], [0, 0, 0]);
});

test("events that were no failures are taken back", async () => {
  const source: Charge = ["log-in by source", "203.0.113.9"];
  for (let index = 0; index < 120; index += 1) {
    assert.equal(await charge(source), 0);
    await throttles.refund([source]);
  }
});

test("load tests can switch the budgets of network addresses off, and no others", async () => {
  const open = createThrottles({ db: database.db, clock, hash }, { perSource: false });
  for (let index = 0; index < 150; index += 1) await open.charge([["log-in by source", "203.0.113.10"]]);
  for (let index = 0; index < 5; index += 1) await open.charge([here("g")]);
  await assert.rejects(open.charge([here("g")]), { name: "DeclaredError" });
});

test("neither e-mail nor network address is stored in clear", async () => {
  await charge(["log-in by account and source", "canary@example.com", "203.0.113.77"]);
  const rows = await database.db.selectFrom("throttles").selectAll().execute();
  assert.equal(
    rows.some((row) => /canary|203\.0/.test(row.bucket.toString("latin1"))),
    false,
  );
});

test("budgets are forgotten a day after their window began, unless they are still closed", async () => {
  const before = await deleteOldThrottles({ db: database.db, clock });
  assert.equal(before, 0);
  clock.advanceSeconds(24 * 3600 + 1);
  assert.ok((await deleteOldThrottles({ db: database.db, clock })) > 10);
  assert.deepEqual(await database.db.selectFrom("throttles").selectAll().execute(), []);
});

test("an IPv6 address counts by its first 64 bits, an IPv4 one in IPv6 clothes as IPv4", () => {
  assert.equal(sourceOf("192.0.2.1"), "192.0.2.1");
  assert.equal(sourceOf("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(sourceOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(sourceOf("2001:0DB8:0001:0002::1"), "2001:db8:1:2::/64");
  assert.equal(sourceOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(sourceOf("::1"), "0:0:0:0::/64");
  assert.equal(sourceOf("fe80::1%eth0"), "fe80:0:0:0::/64");
});
