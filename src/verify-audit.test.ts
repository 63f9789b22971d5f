import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { anEntry, type JournalUnderTest, setUpJournal } from "./features/journal/journal-under-test.ts";

let room: JournalUnderTest;
before(async () => {
  room = await setUpJournal();
  await room.record(anEntry(), anEntry(), anEntry());
  await room.seal();
  await room.record(anEntry());
});
after(() => room.remove());

test("a whole journal ends with 0 and sentences, from options or the environment", async () => {
  const { status, stdout } = run("--checkpoints", room.checkpointsFile, "--database-url", room.database.url);
  assert.match(stdout, /^The journal is whole\.\nEntries: 4; sealed: 3, in 1 checkpoints; not yet sealed: 1\./);
  assert.match(stdout, /Signatures were checked with the keys in .*checkpoint-keys\.json\./);
  assert.equal(status, 0);
  const bare = run();
  assert.equal(bare.status, 0);
  assert.match(bare.stdout, /Signatures were NOT checked: .*--keys.*\nNo exported checkpoints were compared/);
});

test("an altered entry ends with 1 and names position, seq and entry id", async () => {
  const { rows } = await room.tamper(`update journal_entries set action = 'user.closed'
    where seq = (select seq from journal_leaves where position = 1) returning seq, entry_id`);
  const { status, stdout } = run("--checkpoints", room.checkpointsFile);
  assert.equal(status, 1);
  const [{ seq, entry_id }] = rows as [{ seq: string; entry_id: string }];
  const lines = stdout.split("\n");
  assert.equal(lines[0], "The journal is NOT as it was recorded.");
  assert.equal(lines[1], `First bad: position 1, seq ${seq}, entry ${entry_id}.`);
  assert.equal(lines[2], `The entry's column for "action" does not agree with the entry's text.`);
});

test("what keeps it from verifying is said in a sentence, and ends with 1", () => {
  for (const [args, said] of [
    [["--checkpoints", join(room.folder, "missing.jsonl")], /could not be verified: ENOENT/],
    [["--keys", room.checkpointsFile], /could not be verified: .*has no "keys"/],
    [["--database-url", "postgres://nobody@127.0.0.1:1/none"], /could not be verified: connect ECONNREFUSED/],
    [["--unknown"], /could not be verified: Unknown option/],
  ] as const) {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 1);
    assert.match(stdout, said);
    assert.equal(stderr, "");
  }
  assert.match(run("--help").stdout, /--database-url/);
});

function run(...args: string[]) {
  const program = fileURLToPath(new URL("verify-audit.ts", import.meta.url));
  const env = { ...process.env, DATABASE_URL: room.database.url };
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env, timeout: 30_000 });
}
