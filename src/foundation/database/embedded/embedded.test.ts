import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { checkLinks, findBinaries } from "./find-binaries.ts";
import { findCluster, pointerFile } from "./find-cluster.ts";
import { EmbeddedPostgresError } from "./index.ts";
import { ask, clearGround, type Ground, makeGround, postmasterOf, quietGround, startHere } from "./test-ground.ts";

let ground: Ground;
before(async () => {
  ground = await makeGround();
});
afterEach(() => quietGround(ground));
after(() => clearGround(ground));

const owner = "SELECT current_user AS name, rolsuper AS super FROM pg_roles WHERE rolname = current_user";

test("a start in an empty folder gives a durable database that both roles can enter", async () => {
  const database = await startHere(ground, { settings: {} });
  assert.equal(database.adopted, false);
  assert.deepEqual(await ask(database.ownerUrl, owner), { name: "usher_owner", super: true });
  assert.deepEqual(await ask(database.apiUrl, owner), { name: "usher_api", super: false });
  const settings = await ask(
    database.ownerUrl,
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
            current_setting('listen_addresses') AS listen, current_setting('server_encoding') AS encoding,
            current_setting('timezone') AS timezone, (SELECT datlocale FROM pg_database WHERE datname = 'usher') AS locale`,
  );
  const expected = { fsync: "on", commit: "on", listen: "127.0.0.1", encoding: "UTF8", timezone: "UTC" };
  assert.deepEqual(settings, { ...expected, locale: "C.UTF-8" });
});

test("nobody enters without a password, and the API's role enters the application's database only", async () => {
  const database = await startHere(ground);
  await assert.rejects(ask(database.ownerUrl.replace(/:[^:@]+@/, ":wrong@"), "SELECT 1"), /authentication failed/);
  await assert.rejects(ask(database.apiUrl.replace("/usher?", "/postgres?"), "SELECT 1"), /permission denied/);
});

test("passwords lie in files that only their owner reads", async () => {
  await startHere(ground);
  assert.equal((await stat(ground.dataDir)).mode & 0o777, 0o700);
  assert.equal((await stat(pointerFile(ground.dataDir))).mode & 0o777, 0o600);
});

test("stop ends PostgreSQL, may be called again, and the next start has the data", async () => {
  const first = await startHere(ground);
  await ask(first.ownerUrl, "CREATE TABLE kept AS SELECT 42 AS value");
  await Promise.all([first.stop(), first.stop()]);
  assert.equal(await postmasterOf(ground), undefined);
  const second = await startHere(ground);
  assert.deepEqual(await ask(second.ownerUrl, "SELECT value FROM kept"), { value: 42 });
  assert.equal(second.adopted, false);
});

test("what statements failed on does not get into the server's log", async () => {
  const database = await startHere(ground);
  await assert.rejects(ask(database.ownerUrl, "SELECT 'canary@example.com'::int"), /canary/);
  await database.stop();
  const log = await readFile(join((await findCluster(ground.dataDir))?.folder ?? "", "server.log"), "utf8");
  assert.match(log, /ready to accept connections/);
  assert.doesNotMatch(log, /canary/);
});

test("a server that does not start is explained with its last log lines", async () => {
  await assert.rejects(startHere(ground, { settings: { shared_buffers: "none" } }), (error: Error) => {
    assert.ok(error instanceof EmbeddedPostgresError);
    assert.match(error.message, /invalid value for parameter "shared_buffers": "none"/);
    assert.match(error.message, /DATABASE_URL/);
    return true;
  });
});

test("data that is not where the pointer says is reported, never replaced by an empty database", async () => {
  const folder = (await findCluster(ground.dataDir))?.folder ?? "";
  await rename(folder, `${folder}.away`);
  await assert.rejects(startHere(ground), /is not in .* any more: put it back/);
  await rename(`${folder}.away`, folder);
  const pointer = await readFile(pointerFile(ground.dataDir));
  await writeFile(pointerFile(ground.dataDir), pointer.subarray(0, 40));
  await assert.rejects(startHere(ground), /database\.json is damaged/);
  await writeFile(pointerFile(ground.dataDir), pointer);
});

test("data of another major version is refused, naming both versions", async () => {
  const { binaries } = ground.machine;
  const machine = { ...ground.machine, binaries: { ...binaries, version: "99.1.0" } };
  await assert.rejects(startHere({ ...ground, machine }), /written by PostgreSQL 18, and 99 is installed/);
});

test("a platform without binaries is told to set DATABASE_URL", async () => {
  await assert.rejects(findBinaries("win32-x64"), /no embedded PostgreSQL for win32-x64: set DATABASE_URL/);
});

test("binaries whose install script did not run are told apart, with the way to repair them", async () => {
  const native = join(ground.folder, "native");
  await mkdir(native);
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" }];
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  await assert.rejects(checkLinks(native), /libpq\.so is missing.*npm rebuild.*DATABASE_URL/);
});

test("binaries that do not run here are explained", async () => {
  const native = join(ground.folder, "broken");
  await mkdir(join(native, "bin"), { recursive: true });
  await writeFile(join(native, "bin", "postgres"), "#!/bin/sh\necho no such library >&2\nexit 127\n");
  await chmod(join(native, "bin", "postgres"), 0o755);
  const machine = { ...ground.machine, binaries: { nativeFolder: native, version: "18.broken" } };
  await assert.rejects(
    startHere({ ...ground, machine }),
    /does not run on this machine \(no such library\).*DATABASE_URL/,
  );
});
