import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { type FirstBad, toPublicJwk, verifyJournal } from "./index.ts";
import { anEntry, type JournalUnderTest, makeSigningKey, readLines, setUpJournal } from "./journal-under-test.ts";
import { emptyTree, growTree, rootOf } from "./merkle-tree.ts";
import { signCheckpoint } from "./sign-checkpoint.ts";

let room: JournalUnderTest;
/** Of the entries by position: seq and entry id. */
let sealed: { seq: string; entryId: string }[];

before(async () => {
  room = await setUpJournal();
});
after(() => room.remove());

/** Twelve entries in checkpoints of five, ten and twelve. */
beforeEach(async () => {
  await room.tamper("truncate journal_entries, journal_leaves, journal_checkpoints");
  await rm(room.checkpointsFile, { force: true });
  await room.record(...Array.from({ length: 12 }, () => anEntry()));
  assert.deepEqual(await room.seal({ entriesPerCheckpoint: 5 }), { size: 12 });
  const { rows } = await room.tamper(
    'select seq, entry_id as "entryId" from journal_entries join journal_leaves using (seq) order by position',
  );
  sealed = rows;
});

const seqOf = (position: number) => `(select seq from journal_leaves where position = ${position})`;

async function firstBad(): Promise<FirstBad> {
  const report = await room.verify();
  assert.equal(report.ok, false);
  assert.ok(report.firstBad);
  return report.firstBad;
}

function assertNames(bad: FirstBad, position: number, what: RegExp): void {
  assert.deepEqual([bad.position, bad.seq, bad.entryId], [position, sealed[position]?.seq, sealed[position]?.entryId]);
  assert.match(bad.what, what);
}

test("an untouched journal is valid, with what is not yet sealed", async () => {
  await room.record(anEntry());
  const report = await room.verify();
  assert.deepEqual(report, {
    ok: true,
    signaturesChecked: true,
    entries: 13,
    sealed: 12,
    unsealed: 1,
    checkpoints: 3,
    exported: 3,
    firstBad: undefined,
  });
});

test("an altered text is found, and its entry named", async () => {
  await room.tamper(
    `update journal_entries set canonical = replace(canonical, 'not_verified', 'active') where seq = ${seqOf(6)}`,
  );
  assertNames(await firstBad(), 6, /text is not the one that was sealed/);
});

test("an altered column is found and named, to the microsecond", async () => {
  for (const [change, member] of [
    ["actor_kind = 'user'", "actor"],
    ["actor_id = 'somebody'", "actor"],
    ["on_behalf_of = 'somebody'", "onBehalfOf"],
    ["action = 'user.closed'", "action"],
    ["subject_kind = 'webhook'", "subject"],
    ["subject_id = 'somebody'", "subject"],
    ["request_id = null", "requestId"],
    ["entry_id = '00000000-0000-4000-8000-000000000000'", "entryId"],
    ["at = at + interval '1 second'", "at"],
    ["at = at + interval '1 microsecond'", "at"],
  ] as const) {
    await room.tamper("create table kept as table journal_entries");
    await room.tamper(`update journal_entries set ${change} where seq = ${seqOf(3)}`);
    const bad = await firstBad();
    assert.deepEqual([bad.position, bad.seq], [3, sealed[3]?.seq], change);
    assert.match(bad.what, new RegExp(`column for "${member}" does not agree`), change);
    await room.tamper("truncate journal_entries");
    await room.tamper("insert into journal_entries overriding system value select * from kept");
    await room.tamper("drop table kept");
  }
  assert.equal((await room.verify()).ok, true);
});

test("a removed entry is found, with or without its leaf, and with its places closed up", async () => {
  await room.tamper(`delete from journal_entries where seq = ${seqOf(7)}`);
  const withLeaf = await firstBad();
  assert.deepEqual([withLeaf.position, withLeaf.seq], [7, sealed[7]?.seq]);
  assert.match(withLeaf.what, /removed after it was sealed/);
  await room.tamper("delete from journal_leaves where position = 7");
  const without = await firstBad();
  assert.deepEqual([without.position, without.seq, without.entryId], [7, null, null]);
  for (let position = 8; position < 12; position += 1) {
    await room.tamper(`update journal_leaves set position = ${position - 1} where position = ${position}`);
  }
  const closedUp = await firstBad();
  assert.deepEqual([closedUp.position, closedUp.toPosition], [5, 9]);
});

test("exchanged entries are found: their texts, or their places", async () => {
  await room.tamper(`update journal_entries e set canonical = o.canonical from journal_entries o
    where (e.seq = ${seqOf(1)} and o.seq = ${seqOf(2)}) or (e.seq = ${seqOf(2)} and o.seq = ${seqOf(1)})`);
  assertNames(await firstBad(), 1, /altered, or exchanged/);
});

test("exchanged leaves are found within their checkpoint", async () => {
  await room.tamper(`update journal_leaves l set seq = -o.seq, leaf_hash = o.leaf_hash from journal_leaves o
    where l.position in (6, 8) and o.position = 14 - l.position`);
  await room.tamper("update journal_leaves set seq = -seq where seq < 0");
  const bad = await firstBad();
  assert.deepEqual([bad.position, bad.toPosition], [5, 9]);
  assert.match(bad.what, /positions 5 to 9.*The checkpoint of size 10 shows it/);
});

test("an entry altered together with its leaf is found within its checkpoint", async () => {
  await alterWithLeaf(11);
  const bad = await firstBad();
  assert.deepEqual([bad.position, bad.toPosition], [10, 11]);
});

test("a cut tail is found by what remains, and by the exported checkpoints when nothing does", async () => {
  const withLeaves = "delete from journal_entries where seq in (select seq from journal_leaves where position >= 10)";
  await room.tamper(withLeaves);
  assert.deepEqual((await firstBad()).position, 10);
  await room.tamper("delete from journal_leaves where position >= 10");
  const byCheckpoint = await firstBad();
  assert.equal(byCheckpoint.position, 10);
  assert.match(byCheckpoint.what, /its checkpoint of size 12 covers more/);
  await room.tamper("delete from journal_checkpoints where size > 10");
  const byExport = await firstBad();
  assert.equal(byExport.position, 10);
  assert.match(byExport.what, /ends at 10 sealed entries, an exported checkpoint has 12.*cut off/);
  const alone = await verifyJournal({ db: room.database.db }, { publicKeys: room.publicKeys });
  assert.equal(alone.ok, true, "without exported checkpoints nothing tells");
});

test("a cut tail that grew anew is found, and so is everything cut", async () => {
  await room.tamper(`delete from journal_entries where seq in (select seq from journal_leaves where position >= 10);
    delete from journal_leaves where position >= 10; delete from journal_checkpoints where size > 10`);
  await room.record(...Array.from({ length: 5 }, () => anEntry()));
  await room.seal({ exportTo: undefined });
  const bad = await firstBad();
  assert.deepEqual([bad.position, bad.toPosition], [10, 11]);
  assert.match(bad.what, /history was rewritten/);
  await room.tamper("truncate journal_entries, journal_leaves, journal_checkpoints");
  assert.equal((await firstBad()).position, 0);
});

test("history rewritten and signed anew with the stolen key is found by the exported checkpoints", async () => {
  await alterWithLeaf(6);
  await signAnew(room.key);
  assert.equal((await verifyJournal({ db: room.database.db }, { publicKeys: room.publicKeys })).ok, true);
  const bad = await firstBad();
  assert.deepEqual([bad.position, bad.toPosition], [5, 9]);
  assert.match(bad.what, /exported checkpoint of size 10 shows it/);
});

test("checkpoints signed by another key are found, under its own name or a borrowed one", async () => {
  await signAnew(await makeSigningKey("stranger"));
  assert.match(
    (await firstBad()).what,
    /checkpoint of size 5 is signed with the key "stranger", which is none of the known/,
  );
  await signAnew(await makeSigningKey(room.key.kid));
  assert.match((await firstBad()).what, /checkpoint of size 5 does not carry a valid signature/);
});

test("a forged checkpoint is found: columns, statement, link, frontier, or one too many", async () => {
  for (const [forgery, what] of [
    ["update journal_checkpoints set root = sha256('x') where size = 10", /size 10 says in its columns something else/],
    ["update journal_checkpoints set kid = 'x' where size = 10", /size 10 says in its columns something else/],
    ["update journal_checkpoints set statement = 'x' where size = 10", /size 10 is not a signed statement/],
    ["update journal_checkpoints set frontier[1] = sha256('x') where size = 10", /size 10 has an altered frontier/],
    ["delete from journal_checkpoints where size = 5", /size 10 does not follow upon the one before it/],
    ["delete from journal_checkpoints where size = 12", /a place in the tree that no checkpoint covers/],
    [
      `update journal_checkpoints c set statement = o.statement from journal_checkpoints o where c.size = 10 and o.size = 5`,
      /size 10 says in its columns something else/,
    ],
  ] as const) {
    await room.tamper("create table kept as table journal_checkpoints");
    await room.tamper(forgery);
    assert.match((await firstBad()).what, what);
    await room.tamper("truncate journal_checkpoints");
    await room.tamper("insert into journal_checkpoints select * from kept");
    await room.tamper("drop table kept");
  }
});

test("a token or other text signed with the same key is no checkpoint", async () => {
  const { CompactSign, importJWK } = await import("jose");
  const { rows } = await room.tamper("select statement from journal_checkpoints where size = 5");
  const payload = Buffer.from((rows[0].statement as string).split(".")[1] ?? "", "base64url");
  const other = await new CompactSign(payload)
    .setProtectedHeader({ alg: "Ed25519", kid: room.key.kid, typ: "other" })
    .sign(await importJWK(room.key, "Ed25519"));
  await room.tamper("update journal_checkpoints set statement = $1 where size = 5", [other]);
  assert.match((await firstBad()).what, /is signed, but not as a checkpoint/);
});

test("an entry slipped in behind the sealed ones is found, and one of another form", async () => {
  await room.tamper(`insert into journal_entries (seq, xid, entry_id, at, actor_kind, actor_id, action, subject_kind, subject_id, canonical)
    overriding system value select 0, '3', gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, canonical
    from journal_entries where seq = ${seqOf(0)}`);
  const bad = await firstBad();
  assert.deepEqual([bad.position, bad.seq], [null, "0"]);
  assert.match(bad.what, /put there afterwards/);
  await room.tamper("delete from journal_entries where seq = 0");
  await room.tamper(`insert into journal_entries (entry_id, at, actor_kind, actor_id, action, subject_kind, subject_id, canonical)
    select gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, '{}' from journal_entries limit 1`);
  assert.match((await firstBad()).what, /column for "entryId" does not agree/);
});

test("altered lines of the exported file are found and named", async () => {
  const text = await readFile(room.checkpointsFile, "utf8");
  const lines = await readLines(room.checkpointsFile);
  for (const [altered, what] of [
    [text.replace('"size":10,', '"size":11,'), /Line 2 .* something else than in it/],
    ["no checkpoint\n", /Line 1 .* is not a checkpoint/],
    [`${lines.toReversed().join("\n")}\n`, /Line 2 .* is smaller than the one before it/],
    [`${lines[0]}\n${lines[1]?.replace(/.{9}"\}$/, 'AAAAAAAAA"}')}\n`, /Line 2 .* does not carry a valid signature/],
  ] as const) {
    await writeFile(room.checkpointsFile, altered);
    assert.match((await firstBad()).what, what);
  }
});

test("without public keys everything but the signatures is checked, and the report says so", async () => {
  const report = await verifyJournal({ db: room.database.db }, {});
  assert.deepEqual([report.ok, report.signaturesChecked], [true, false]);
  await alterWithLeaf(2);
  assert.equal((await verifyJournal({ db: room.database.db }, {})).ok, false);
});

test("checkpoints of a key that has been followed by another stay valid", async () => {
  const next = await makeSigningKey("checkpoints-next");
  await room.record(anEntry());
  await room.seal({ loadKey: async () => next });
  assert.match(
    (await firstBad()).what,
    /size 13 is signed with the key "checkpoints-next", which is none of the known/,
  );
  room.publicKeys.keys.push(toPublicJwk(next));
  assert.equal((await room.verify()).ok, true);
});

async function alterWithLeaf(position: number): Promise<void> {
  await room.tamper(
    `update journal_entries set canonical = replace(canonical, 'not_verified', 'active') where seq = ${seqOf(position)}`,
  );
  await room.tamper(`update journal_leaves l set leaf_hash = sha256('\\x00'::bytea || convert_to(e.canonical, 'UTF8'))
    from journal_entries e where e.seq = l.seq`);
}

/** Makes all checkpoints anew from the leaves as they are now, signed with `key`. */
async function signAnew(key: JournalUnderTest["key"]): Promise<void> {
  const { rows } = await room.tamper("select leaf_hash from journal_leaves order by position");
  const leaves = rows.map((row) => row.leaf_hash as Buffer);
  let previous = emptyTree;
  for (const size of [5, 10, 12]) {
    const tree = growTree(previous, leaves.slice(previous.size, size));
    const previousRoot = previous.size > 0 ? rootOf(previous) : null;
    const statement = await signCheckpoint(key, {
      issuer: "usher",
      size,
      root: rootOf(tree).toString("hex"),
      previousSize: previous.size,
      previousRoot: previousRoot?.toString("hex") ?? null,
      signedAt: room.clock.now().toISOString(),
    });
    await room.tamper(
      "update journal_checkpoints set root = $2, previous_root = $3, kid = $4, statement = $5, frontier = $6 where size = $1",
      [size, rootOf(tree), previousRoot, key.kid, statement, tree.frontier],
    );
    previous = tree;
  }
}
