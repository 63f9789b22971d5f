import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { createLogger } from "../../foundation/logging/index.ts";
import { anEntry, type JournalUnderTest, readLines, setUpJournal } from "./journal-under-test.ts";

let room: JournalUnderTest;
before(async () => {
  room = await setUpJournal();
});
after(() => room.remove());

beforeEach(async () => {
  await room.tamper("truncate journal_entries, journal_leaves, journal_checkpoints");
  await rm(room.checkpointsFile, { force: true });
});

test("24 writers while two sealers work: every entry is sealed once, positions have no gap", async () => {
  const writers = 24;
  const rounds = 25;
  const entriesPerCheckpoint = 37;
  let writing = true;
  const seal = async () => {
    const sealer = room.sealer({ entriesPerCheckpoint });
    while (writing) await sealer.sealNow();
  };
  const sealing = [seal(), seal()];
  const write = async (writer: number) => {
    for (let round = 0; round < rounds; round += 1) {
      await room.database.db
        .transaction()
        .execute(async (trx) => {
          await room.journal.record(trx, anEntry());
          // Some stay open for a while after they have drawn their number, some give up: gaps, and late arrivals.
          if ((writer + round) % 3 === 0) for (let i = 0; i < 5; i += 1) await sql`select 1`.execute(trx);
          if ((writer + round) % 7 === 0) throw new Error("gives up");
          await room.journal.recordAll(trx, [anEntry(), anEntry()]);
        })
        .catch((error: Error) => assert.equal(error.message, "gives up"));
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  writing = false;
  await Promise.all(sealing);
  // Another file's long transaction may have kept everything from being sealed until now.
  const last = await room.seal({ entriesPerCheckpoint });
  const { rows } = await room.tamper(`select count(*)::int as entries,
    (select count(*)::int from journal_entries e join journal_leaves using (seq)) as sealed,
    (select max(position)::int + 1 from journal_leaves) as ends from journal_entries`);
  assert.ok(rows[0].entries > writers * rounds);
  assert.deepEqual(rows[0], { entries: last.size, sealed: last.size, ends: last.size });
  const report = await room.verify();
  assert.deepEqual([report.ok, report.unsealed, report.exported], [true, 0, report.checkpoints]);
  assert.ok(report.checkpoints >= last.size / entriesPerCheckpoint);
});

test("of two sealers at once, one works and the other is told so at once", async () => {
  await room.record(anEntry());
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const holder = room.database.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('usher journal sealer'))`.execute(trx);
    holding.resolve();
    await mayGoOn;
  });
  await holding.promise;
  assert.equal(await room.sealer().sealNow(), undefined);
  goOn();
  await holder;
  assert.deepEqual(await room.seal(), { size: 1 });
  const race = await Promise.all(Array.from({ length: 8 }, () => room.sealer().sealNow()));
  assert.ok(race.every((sealed) => sealed === undefined || sealed.size === 1));
});

test("a transaction left open holds the horizon, and nothing is lost when it ends", async () => {
  await room.record(anEntry("test.before"));
  await room.seal();
  const written = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const open = room.database.db.transaction().execute(async (trx) => {
    await room.journal.record(trx, anEntry("test.late"));
    written.resolve();
    await end.promise;
  });
  await written.promise;
  await room.record(anEntry("test.after"));
  assert.deepEqual(await room.sealer().sealNow(), { size: 1 });
  const meanwhile = await room.verify();
  assert.deepEqual([meanwhile.ok, meanwhile.sealed, meanwhile.unsealed], [true, 1, 1]);
  end.resolve();
  await open;
  assert.deepEqual(await room.seal(), { size: 3 });
  assert.deepEqual(await sealedActions(), ["test.before", "test.late", "test.after"]);
});

test("in a database restored from a dump, whose transaction numbers began anew, nothing is lost or sealed twice", async () => {
  await room.record(anEntry("old.1"), anEntry("old.2"));
  await room.seal();
  await room.record(anEntry("old.unsealed"), anEntry("old.unsealed"), anEntry("old.unsealed"));
  await room.tamper("update journal_entries set xid = (xid::text::bigint + 1000000)::text::xid8");
  await room.record(anEntry("new.1"), anEntry("new.2"));
  assert.deepEqual(await room.seal({ entriesPerCheckpoint: 2 }), { size: 7 });
  await room.record(anEntry("new.3"));
  assert.deepEqual(await room.seal(), { size: 8 });
  const old = Array.from({ length: 3 }, () => "old.unsealed");
  assert.deepEqual(await sealedActions(), ["old.1", "old.2", ...old, "new.1", "new.2", "new.3"]);
  assert.equal((await room.verify()).ok, true);
});

test("sealed entries of the life before, lying between the last sealed and the horizon, are not sealed again", async () => {
  await room.record(anEntry("old.1"), anEntry("old.2"));
  await room.seal();
  await room.record(anEntry("new.1"));
  await room.seal();
  await room.tamper("update journal_entries set xid = pg_current_xact_id() where action like 'old.%'");
  await room.record(anEntry("new.2"));
  assert.deepEqual(await room.seal(), { size: 4 });
  assert.deepEqual(await sealedActions(), ["old.1", "old.2", "new.1", "new.2"]);
});

test("a restored database that was never sealed is sealed from its beginning", async () => {
  await room.record(anEntry("old.1"));
  await room.tamper("update journal_entries set xid = (xid::text::bigint + 1000000)::text::xid8");
  await room.record(anEntry("new.1"));
  assert.deepEqual(await room.seal(), { size: 2 });
  assert.deepEqual(await sealedActions(), ["old.1", "new.1"]);
});

test("checkpoints are exported with the public key beside them, readable by the owner only", async () => {
  await room.record(anEntry());
  await room.seal();
  await room.seal();
  const [line, ...others] = await readLines(room.checkpointsFile);
  assert.equal(others.length, 0);
  assert.equal(JSON.parse(line ?? "").size, 1);
  assert.equal((await stat(room.checkpointsFile)).mode & 0o777, 0o600);
  const keys = JSON.parse(await readFile(join(room.folder, "checkpoint-keys.json"), "utf8"));
  assert.deepEqual(keys, room.publicKeys);
  assert.ok(room.key.d && !JSON.stringify(keys).includes(room.key.d));
});

test("what a crash kept from being exported, or tore in the middle, is exported by the next sealing", async () => {
  for (let size = 1; size <= 3; size += 1) {
    await room.record(anEntry());
    await room.seal({ exportTo: undefined });
  }
  await room.seal();
  const whole = await readFile(room.checkpointsFile, "utf8");
  assert.equal(whole.split("\n").length, 4);
  for (const length of [0, 5, whole.indexOf("\n"), whole.indexOf("\n") + 1, whole.length - 1, whole.length]) {
    await truncate(room.checkpointsFile, length);
    await room.seal();
    assert.equal(await readFile(room.checkpointsFile, "utf8"), whole, `cut to ${length}`);
  }
});

test("a failed export is logged as an error, sealing goes on, and the next one makes up for it", async () => {
  const logged = collectLog();
  const exportTo = join(room.folder, "missing", "checkpoints.jsonl");
  await room.record(anEntry());
  assert.deepEqual(await room.seal({ exportTo, log: logged.log }), { size: 1 });
  assert.match(logged.text(), /"level":50.*could not be exported/);
  await mkdir(join(room.folder, "missing"));
  await room.seal({ exportTo });
  assert.equal((await readLines(exportTo)).length, 1);
});

test("a file that contradicts the database is evidence: it is left as it is, and an error says so", async () => {
  await room.record(anEntry());
  await room.seal();
  const exported = JSON.parse((await readLines(room.checkpointsFile)).join()) as { size: number; root: string };
  for (const other of [
    { ...exported, size: 7 },
    { ...exported, root: "00".repeat(32) },
  ]) {
    await writeFile(room.checkpointsFile, `${JSON.stringify(other)}\n`);
    const logged = collectLog();
    await room.seal({ log: logged.log });
    assert.match(logged.text(), /"level":50.*contradict the database/);
    assert.equal((await readLines(room.checkpointsFile)).length, 1);
  }
  await appendFile(room.checkpointsFile, "no checkpoint\n");
  const logged = collectLog();
  await room.seal({ log: logged.log });
  assert.match(logged.text(), /could not be exported/);
});

test("nothing is built upon an altered checkpoint or a missing entry", async () => {
  await room.record(anEntry(), anEntry(), anEntry());
  await room.seal();
  await room.record(anEntry());
  await room.tamper("update journal_checkpoints set frontier[1] = sha256('x')");
  await assert.rejects(room.sealer().sealNow(), /The journal's checkpoint of size 3 was altered.*audit:verify/);
  await room.tamper("delete from journal_checkpoints; delete from journal_leaves");
  await room.seal();
  await room.tamper(
    "delete from journal_entries where seq = (select seq from journal_leaves order by position desc limit 1)",
  );
  await assert.rejects(room.sealer().sealNow(), /The journal's entry at position 3 is gone/);
});

async function sealedActions(): Promise<string[]> {
  const { rows } = await room.tamper(
    "select action from journal_leaves join journal_entries using (seq) order by position",
  );
  return rows.map((row) => row.action as string);
}

function collectLog() {
  const destination = new PassThrough();
  return { log: createLogger({ level: "info", destination }), text: () => String(destination.read() ?? "") };
}
