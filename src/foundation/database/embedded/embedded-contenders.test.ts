import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  ask,
  clearGround,
  type Ground,
  killAndWait,
  listDatabaseFolders,
  makeGround,
  quietGround,
  startElsewhere,
  startedElsewhere,
  startHere,
} from "./test-ground.ts";

let ground: Ground;
before(async () => {
  ground = await makeGround();
});
afterEach(() => quietGround(ground));
after(() => clearGround(ground));

const holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'";

/** Starts three at once; one must win, and the others must name it. */
async function contend(): Promise<string> {
  const contenders = [startElsewhere(ground), startElsewhere(ground), startElsewhere(ground)];
  const answers = await Promise.all(contenders.map(({ answer }) => answer));
  const winners = contenders.filter((_, index) => !("error" in (answers[index] ?? {})));
  assert.equal(winners.length, 1, JSON.stringify(answers));
  for (const answer of answers) {
    if ("error" in answer)
      assert.match(answer.error, new RegExp(`Another Usher \\(process ${winners[0]?.child.pid}\\)`));
  }
  return answers.flatMap((answer) => ("ownerUrl" in answer ? [answer.ownerUrl] : []))[0] ?? "";
}

test("of several starts at one instant in an empty folder one wins, and the others say which", async () => {
  const ownerUrl = await contend();
  assert.deepEqual(await ask(ownerUrl, "SELECT count(*)::int FROM pg_database WHERE datname = 'usher'"), { count: 1 });
  assert.equal((await listDatabaseFolders(ground)).length, 1);
});

test("of several starts at one instant on existing data one wins, and the others say which", async () => {
  await contend();
});

test("a second start on the same data is refused at once, says who holds it, and harms nothing", async () => {
  const first = await startedElsewhere(ground);
  const begun = performance.now();
  await assert.rejects(
    startHere(ground),
    new RegExp(`Another Usher \\(process ${first.child.pid}\\) is already running`),
  );
  assert.ok(performance.now() - begun < 1_500);
  assert.deepEqual(await ask(first.ownerUrl, "SELECT 1 AS one"), { one: 1 });
});

test("the lock is taken again when its connection breaks", async () => {
  const first = await startedElsewhere(ground);
  const broken = await ask(first.ownerUrl, holder);
  await ask(first.ownerUrl, `SELECT pg_terminate_backend(${broken?.pid}, 5000)`);
  while ((await ask(first.ownerUrl, holder)) === undefined) await pause(10);
  await assert.rejects(startHere(ground), /Another Usher/);
});

test("a killed holder's lock is waited for until the server has noticed the end", async () => {
  const first = await startedElsewhere(ground);
  const backend = Number((await ask(first.ownerUrl, holder))?.pid);
  process.kill(backend, "SIGSTOP");
  await killAndWait(first.child);
  const second = startHere(ground);
  const waiting = `SELECT 1 AS one FROM pg_stat_activity WHERE application_name = 'usher ${process.pid}'`;
  while ((await ask(first.ownerUrl, waiting)) === undefined) await pause(10);
  process.kill(backend, "SIGCONT");
  assert.equal((await second).adopted, true);
});

test("a PostgreSQL that ends under a running Usher is reported", async () => {
  const { promise: notice, resolve: onNotice } = Promise.withResolvers<string>();
  await startHere(ground, { onNotice });
  await quietGround(ground);
  assert.match(await notice, /has ended unexpectedly/);
});
