import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestClock } from "../../foundation/clock/index.ts";
import { randomIds } from "../../foundation/ids/index.ts";
import { createPersonKeys, PersonalKeyDestroyed } from "./index.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

const clock = createTestClock(new Date("2026-01-02T03:04:05.678Z"));
const wrappingKey = randomBytes(32);
const personKeys = createPersonKeys({ clock, ids: randomIds, wrappingKey });

async function newPerson(): Promise<string> {
  const userId = randomUUID();
  await database.db.transaction().execute((trx) => personKeys.createKey(trx, userId));
  return userId;
}

test("a value sealed for a person comes back, also in another process, and never rests in clear", async () => {
  const userId = await newPerson();
  const value = { name: "Ngozi Ünal 🦜", born: "1990-01-01", list: [1, null, true] };
  const sealed = await personKeys.sealFor(database.db, userId, "profile", value);
  assert.deepEqual(await personKeys.openFor(database.db, userId, "profile", sealed), value);
  const elsewhere = createPersonKeys({ clock, ids: randomIds, wrappingKey });
  assert.deepEqual(await elsewhere.openFor(database.db, userId, "profile", sealed), value);
  const decoded = sealed.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
  assert.ok(!decoded.some((part) => part.includes("Ngozi")));
});

test("a value is bound to its person and its field", async () => {
  const [ada, ben] = [await newPerson(), await newPerson()];
  const sealed = await personKeys.sealFor(database.db, ada, "id_number", "12345678901");
  await assert.rejects(personKeys.openFor(database.db, ben, "id_number", sealed), /altered or moved/);
  await assert.rejects(personKeys.openFor(database.db, ada, "phone", sealed), /moved from elsewhere/);
  const [header, ...rest] = sealed.split(".");
  const renamed = JSON.parse(Buffer.from(header ?? "", "base64url").toString()) as Record<string, unknown>;
  const forged = [Buffer.from(JSON.stringify({ ...renamed, field: "phone" })).toString("base64url"), ...rest].join(".");
  await assert.rejects(personKeys.openFor(database.db, ada, "phone", forged), { code: "ERR_JWE_DECRYPTION_FAILED" });
});

test("a key moved into another person's row opens nothing", async () => {
  const [ada, ben] = [await newPerson(), await newPerson()];
  const fresh = createPersonKeys({ clock, ids: randomIds, wrappingKey });
  const { wrapped_key } = await keyRow(ada);
  await database.db.updateTable("person_keys").set({ wrapped_key }).where("user_id", "=", ben).execute();
  await assert.rejects(fresh.sealFor(database.db, ben, "profile", "x"), /moved from elsewhere/);
});

test("once destroyed, a key opens and seals nothing, though another process still has it in memory", async () => {
  const userId = await newPerson();
  const other = createPersonKeys({ clock, ids: randomIds, wrappingKey });
  const sealed = await other.sealFor(database.db, userId, "profile", "gone soon");
  assert.equal(await other.openFor(database.db, userId, "profile", sealed), "gone soon");
  await database.db.transaction().execute((trx) => personKeys.destroyKeys(trx, userId));
  for (const keys of [personKeys, other]) {
    await assert.rejects(keys.openFor(database.db, userId, "profile", sealed), PersonalKeyDestroyed);
    await assert.rejects(keys.sealFor(database.db, userId, "profile", "more"), PersonalKeyDestroyed);
    assert.equal(await keys.findOpenFor(database.db, userId, "profile", sealed), undefined);
  }
  const row = await keyRow(userId);
  assert.equal(row.wrapped_key, null);
  assert.deepEqual(row.destroyed_at, clock.now());
});

test("a person has one live key, and another master key cannot unwrap it", async () => {
  const userId = await newPerson();
  await assert.rejects(
    database.db.transaction().execute((trx) => personKeys.createKey(trx, userId)),
    { constraint: "person_keys_one_live" },
  );
  const stranger = createPersonKeys({ clock, ids: randomIds, wrappingKey: randomBytes(32) });
  await assert.rejects(stranger.sealFor(database.db, userId, "profile", "x"), { code: "ERR_JWE_DECRYPTION_FAILED" });
});

test("several values open in their order with one read, destroyed ones as undefined", async () => {
  const userId = await newPerson();
  const first = await personKeys.sealFor(database.db, userId, "journal", "first");
  await database.db.transaction().execute(async (trx) => {
    await personKeys.destroyKeys(trx, userId);
    await personKeys.createKey(trx, userId);
  });
  const second = await personKeys.sealFor(database.db, userId, "journal", "second");
  assert.deepEqual(await personKeys.listOpenFor(database.db, userId, "journal", [second, first]), [
    "second",
    undefined,
  ]);
});

function keyRow(userId: string) {
  return database.db.selectFrom("person_keys").selectAll().where("user_id", "=", userId).executeTakeFirstOrThrow();
}
