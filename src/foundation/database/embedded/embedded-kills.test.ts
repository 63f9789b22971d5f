import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { findOwnerAccount } from "./choose-account.ts";
import { dataFolder, findCluster } from "./find-cluster.ts";
import {
  ask,
  clearGround,
  type Ground,
  killAndWait,
  listDatabaseFolders,
  makeGround,
  postmasterOf,
  quietGround,
  startElsewhere,
  startedElsewhere,
  startHere,
} from "./test-ground.ts";

let ground: Ground;
before(async () => {
  ground = await makeGround();
  await (await startHere(ground)).stop();
});
afterEach(() => quietGround(ground));
after(() => clearGround(ground));

test("PostgreSQL outlives a killed Usher, and the next start takes it over with all data", async () => {
  const killed = await startedElsewhere(ground);
  const postmaster = await postmasterOf(ground);
  await ask(killed.ownerUrl, "CREATE TABLE adopted AS SELECT 1 AS value");
  await killAndWait(killed.child);
  const notices: string[] = [];
  const next = await startHere(ground, { onNotice: (message) => notices.push(message) });
  assert.equal(next.adopted, true);
  assert.deepEqual(await postmasterOf(ground), postmaster);
  assert.deepEqual(await ask(next.ownerUrl, "SELECT value FROM adopted"), { value: 1 });
  assert.deepEqual(notices, [`PostgreSQL was still running (process ${postmaster?.pid}) and was taken over.`]);
  await next.stop();
  assert.equal(await postmasterOf(ground), undefined);
});

test("a process that ends without stopping is not kept alive, and what it left running is taken over", async () => {
  const { child } = startElsewhere(ground, "leave");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal((await startHere(ground)).adopted, true);
});

test("when Usher and PostgreSQL are both killed, the next start recovers what was committed", async () => {
  const killed = await startedElsewhere(ground);
  await ask(killed.ownerUrl, "CREATE TABLE recovered AS SELECT 2 AS value");
  const postmaster = await postmasterOf(ground);
  assert.ok(postmaster);
  process.kill(postmaster.pid, "SIGKILL");
  await killAndWait(killed.child);
  const next = await startHere(ground);
  assert.equal(next.adopted, false);
  assert.deepEqual(await ask(next.ownerUrl, "SELECT value FROM recovered"), { value: 2 });
});

test("a part of a killed PostgreSQL that still lives is waited for, never worked beside", async () => {
  const killed = await startedElsewhere(ground);
  const backend = await ask(killed.ownerUrl, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'");
  const postmaster = await postmasterOf(ground);
  assert.ok(postmaster);
  process.kill(Number(backend?.pid), "SIGSTOP");
  process.kill(postmaster.pid, "SIGKILL");
  await killAndWait(killed.child);
  const next = startHere(ground);
  const log = join((await findCluster(ground.dataDir))?.folder ?? "", "server.log");
  while (!/pre-existing shared memory block/.test(await readFile(log, "utf8"))) await pause(10);
  process.kill(Number(backend?.pid), "SIGKILL");
  assert.equal((await next).adopted, false);
});

test("a PostgreSQL left running with other parameters is run anew with ours", async () => {
  await killAndWait((await startedElsewhere(ground)).child);
  const next = await startHere(ground, { settings: {} });
  assert.equal(next.adopted, false);
  assert.deepEqual(await ask(next.ownerUrl, "SHOW fsync"), { fsync: "on" });
});

test("a pid file whose number now belongs to another process does not stop the start", async () => {
  const cluster = await findCluster(ground.dataDir);
  assert.ok(cluster);
  const account = await findOwnerAccount(dataFolder(cluster));
  const stranger = spawn("sleep", ["60"], { cwd: "/", ...account });
  ground.started.push(stranger);
  await once(stranger, "spawn");
  const content = `${stranger.pid}\n${dataFolder(cluster)}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n`;
  await writeFile(join(dataFolder(cluster), "postmaster.pid"), content);
  assert.equal((await startHere(ground)).adopted, false);
});

test("a start that was killed while creating the database leaves nothing behind after the next", async () => {
  const fresh = await makeGround();
  try {
    const { child } = startElsewhere(fresh);
    while ((await listDatabaseFolders(fresh)).length === 0) await pause(5);
    await killAndWait(child);
    assert.equal(await findCluster(fresh.dataDir), undefined);
    const database = await startHere(fresh);
    assert.equal((await listDatabaseFolders(fresh)).length, 1);
    assert.deepEqual(
      (await readdir(fresh.dataDir)).filter((name) => name !== "postgres"),
      ["database.json"],
    );
    assert.deepEqual(await ask(database.apiUrl, "SELECT 1 AS one"), { one: 1 });
  } finally {
    await clearGround(fresh);
  }
});
