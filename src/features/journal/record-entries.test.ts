import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import { actorOf, listTimeline, type NewEntry } from "./index.ts";
import { anEntry, type JournalUnderTest, setUpJournal } from "./journal-under-test.ts";

let room: JournalUnderTest;
before(async () => {
  room = await setUpJournal();
});
after(() => room.remove());

test("an entry is kept with its deed or not at all", async () => {
  const userId = randomUUID();
  await assert.rejects(
    room.database.db.transaction().execute(async (trx) => {
      await room.journal.record(trx, anEntry("user.registered", userId));
      throw new Error("the deed fails");
    }),
    /the deed fails/,
  );
  assert.deepEqual(await timeline(userId), []);
});

test("the text holds all there is to know, with sorted keys and milliseconds, and nothing personal in clear", async () => {
  const userId = await newPerson();
  await room.record({
    ...anEntry("user.updated", userId),
    actor: { kind: "service", id: "client-1" },
    onBehalfOf: "user-2",
    subject: { kind: "user", id: userId },
    personal: { changes: { fname: { before: "Ngozi", after: "Adaeze" } }, reason: "asked by phone" },
  });
  const { rows } = await room.tamper("select * from journal_entries where subject_id = $1", [userId]);
  const text = rows[0].canonical as string;
  const { personal, ...rest } = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(rest, {
    action: "user.updated",
    actor: { id: "client-1", kind: "service" },
    at: "2026-01-02T03:04:05.678Z",
    changes: { status: { after: "not_verified", before: "pending" } },
    entryId: rows[0].entry_id,
    onBehalfOf: "user-2",
    requestId: "request-1",
    subject: { id: userId, kind: "user" },
  });
  assert.match(String(personal), /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.ok(!JSON.stringify(rows).includes("Ngozi") && !JSON.stringify(rows).includes("phone"));
});

test("a personal part about anything but a user is refused", async () => {
  const entry = { ...anEntry(), subject: { kind: "organisation", id: "1" }, personal: { reason: "x" } } as unknown;
  await assert.rejects(room.record(entry as NewEntry), /its subject is no user/);
});

test("the timeline is newest first, pages by seq, and opens the personal part", async () => {
  const userId = await newPerson();
  const entries = ["a", "b", "c", "d", "e"].map((letter): NewEntry => {
    const subject = { kind: "user", id: userId } as const;
    return {
      ...anEntry(`test.${letter}`, userId),
      subject,
      personal: letter === "c" ? { reason: "because" } : undefined,
    };
  });
  await room.record(...entries);
  await room.record(anEntry("test.other"));
  const first = await timeline(userId, 3);
  assert.deepEqual(
    first.map((entry) => entry.action),
    ["test.e", "test.d", "test.c"],
  );
  assert.deepEqual(
    first.map((entry) => entry.personal),
    [null, null, { reason: "because" }],
  );
  const second = await timeline(userId, 3, first.at(-1)?.seq);
  assert.deepEqual(
    second.map((entry) => entry.action),
    ["test.b", "test.a"],
  );
  for (const limit of [0, 102, 1.5, Number.NaN]) await assert.rejects(timeline(userId, limit), RangeError);
  await assert.rejects(timeline(userId, 3, "1 or 1=1"), RangeError);
});

test("a destroyed key leaves the timeline, without its personal part, and the journal valid", async () => {
  const userId = await newPerson();
  await room.record({ ...anEntry(), subject: { kind: "user", id: userId }, personal: { reason: "gone soon" } });
  await room.seal();
  await room.database.db.transaction().execute((trx) => room.personKeys.destroyKeys(trx, userId));
  const [entry] = await timeline(userId);
  assert.deepEqual([entry?.personal, entry?.personalDestroyed], [null, true]);
  assert.equal(entry?.changes.status?.after, "not_verified");
  assert.equal((await room.verify()).ok, true);
});

test("nobody changes, deletes or empties the journal: neither the API's role nor the owner", async () => {
  await room.record(anEntry());
  await room.seal();
  for (const [url, said] of [
    [room.database.url, /permission denied/],
    [room.database.ownerUrl, /The journal only grows/],
  ] as const) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const [table, column] of [
      ["journal_entries", "action"],
      ["journal_leaves", "leaf_hash"],
      ["journal_checkpoints", "statement"],
    ]) {
      await assert.rejects(client.query(`update ${table} set ${column} = ${column}`), said);
      await assert.rejects(client.query(`delete from ${table}`), said);
      await assert.rejects(client.query(`truncate ${table}`), said);
    }
    await client.end();
  }
});

test("the actor is the caller: a user by UUID, a service account by client id, or nobody known", () => {
  assert.deepEqual(actorOf(undefined), { kind: "anonymous", id: "anonymous" });
  assert.deepEqual(actorOf({ kind: "service", clientId: "c", permissions: [], callbackOrigins: [] }), {
    kind: "service",
    id: "c",
  });
  const user = {
    kind: "user",
    id: 7,
    userId: "u",
    role: "retail",
    type: "user",
    grantId: "g",
    secondFactor: false,
    permissions: [],
  } as const;
  assert.deepEqual(actorOf(user), { kind: "user", id: "u" });
});

async function newPerson(): Promise<string> {
  const userId = randomUUID();
  await room.database.db.transaction().execute((trx) => room.personKeys.createKey(trx, userId));
  return userId;
}

function timeline(userId: string, limit = 100, before?: string) {
  return listTimeline({ db: room.database.db, personKeys: room.personKeys }, { userId, limit, before });
}
