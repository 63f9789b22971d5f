import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openStateFile } from "./state-file.ts";
import { temporaryFolder } from "./testing/veriff-bench.ts";

test("the last value of each key comes back in the order of writing, without a close", async (t) => {
  const path = join(await temporaryFolder(t), "state.jsonl");
  const file = openStateFile<number>(path);
  file.put("a", 1);
  file.put("b", 2);
  file.put("a", 3);
  file.put("c", 4);
  file.remove("c");
  assert.deepEqual(
    [...openStateFile<number>(path).initial],
    [
      ["b", 2],
      ["a", 3],
    ],
  );
});

test("opening writes the file anew without what was overwritten, readable by its owner only", async (t) => {
  const path = join(await temporaryFolder(t), "state.jsonl");
  const file = openStateFile<number>(path);
  for (let value = 0; value < 100; value++) file.put("a", value);
  file.close();
  openStateFile<number>(path).close();
  assert.equal(readFileSync(path, "utf8"), '{"key":"a","value":99}\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a file that outgrows its content is written anew while in use, and loses nothing", async (t) => {
  const path = join(await temporaryFolder(t), "state.jsonl");
  const file = openStateFile<string>(path);
  file.put("kept", "from the start");
  for (let count = 0; count < 20; count++) file.put("big", String(count).repeat(500_000));
  assert.ok(statSync(path).size < 10_000_000, `the file has ${statSync(path).size} bytes`);
  file.close();
  const { initial } = openStateFile<string>(path);
  assert.deepEqual([initial.get("kept"), initial.get("big")], ["from the start", "19".repeat(500_000)]);
});

test("a torn last line is dropped, and what is written next is read back", async (t) => {
  const path = join(await temporaryFolder(t), "state.jsonl");
  openStateFile<number>(path).put("a", 1);
  appendFileSync(path, '{"key":"b","val');
  openStateFile<number>(path).put("c", 3);
  assert.deepEqual(
    [...openStateFile<number>(path).initial],
    [
      ["a", 1],
      ["c", 3],
    ],
  );
});

test("a broken line in the middle is refused with the file, the line and the remedy", async (t) => {
  const path = join(await temporaryFolder(t), "state.jsonl");
  writeFileSync(path, '{"key":"a","value":1}\nrubbish\n{"key":"b","value":2}\n');
  assert.throws(() => openStateFile(path), /Line 2 of .*state\.jsonl.*Delete the file/);
});

test("without a path nothing is kept and nothing fails", () => {
  const file = openStateFile<number>(undefined);
  file.put("a", 1);
  file.remove("a");
  file.close();
  assert.equal(file.initial.size, 0);
});
