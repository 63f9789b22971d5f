import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { ask, clearGround, type Ground, makeGround, postmasterOf, quietGround, startHere } from "./test-ground.ts";

/** Only root can start from a folder closed to everybody else's processes; for others there is nothing to promise. */
const rootTest = process.getuid?.() === 0 ? test : () => undefined;

let ground: Ground;
let closed: string;
before(async () => {
  if (process.getuid?.() !== 0) return;
  ground = await makeGround();
  // mkdtemp makes folders with mode 0700.
  closed = await mkdtemp(join(homedir(), ".usher-embedded-"));
  await cp(ground.machine.binaries.nativeFolder, join(closed, "native"), { recursive: true, verbatimSymlinks: true });
  ground.machine.binaries.nativeFolder = join(closed, "native");
  ground.dataDir = join(closed, ".usher");
});
afterEach(() => (ground ? quietGround(ground) : undefined));
after(async () => {
  if (!ground) return;
  await clearGround(ground);
  await rm(closed, { recursive: true });
});

rootTest(
  "as root, from a folder only root can enter, PostgreSQL runs under another account and keeps its data",
  async () => {
    const first = await startHere(ground);
    const postmaster = await postmasterOf(ground);
    assert.notEqual((await stat(`/proc/${postmaster?.pid}`)).uid, 0);
    await ask(first.ownerUrl, "CREATE TABLE kept AS SELECT 3 AS value");
    await first.stop();
    const second = await startHere(ground);
    assert.deepEqual(await ask(second.ownerUrl, "SELECT value FROM kept"), { value: 3 });
    assert.equal((await readdir(ground.machine.sharedFolder)).length, 2, "one copy of the binaries, one database");
  },
);

rootTest("as root, a copy of the binaries is used again while it is whole, and made again when it is not", async () => {
  const { sharedFolder, binaries } = ground.machine;
  const library = join(sharedFolder, `native-${binaries.version}`, "lib", "postgresql", "plpgsql.so");
  await (await startHere(ground)).stop();
  const { ino, size } = await stat(library);
  await (await startHere(ground)).stop();
  assert.equal((await stat(library)).ino, ino);
  await truncate(library);
  await startHere(ground);
  assert.equal((await stat(library)).size, size);
});
