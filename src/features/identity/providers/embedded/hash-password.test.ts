import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoundedPool } from "../bounded-pool.ts";
import { createPasswordHashing } from "./hash-password.ts";

test("a hash is argon2id with 19 MiB, two passes and one lane, and fits its password only", async () => {
  const hashing = createPasswordHashing();
  const hash = await hashing.hash("tall giraffes hum");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await hashing.verify(hash, "tall giraffes hum"), true);
  assert.equal(await hashing.verify(hash, "tall giraffes hum "), false);
  assert.notEqual(await hashing.hash("tall giraffes hum"), hash);
});

test("one spelling for what looks the same", async () => {
  const hashing = createPasswordHashing();
  const hash = await hashing.hash("caf\u00e9 giraffe");
  assert.equal(await hashing.verify(hash, "cafe\u0301 giraffe"), true);
});

test("without a hash the same work is done, and nothing matches", async () => {
  let runs = 0;
  const hashing = createPasswordHashing(async (work) => {
    runs += 1;
    return work();
  });
  assert.equal(await hashing.verify(undefined, "nobody has this password"), false);
  assert.equal(await hashing.verify(null, "tall giraffes hum"), false);
  assert.equal(runs, 2);
});

test("where the work for nobody fails once, only who needed it hears of it, and the next does it anew", async () => {
  let hashes = 0;
  const hashing = createPasswordHashing(
    (work) => work(),
    async (task) => {
      if (task.kind === "verify") return task.passwordHash === "known";
      hashes += 1;
      if (hashes === 1) throw new Error("A hashing thread ended.");
      return "nobody";
    },
  );
  assert.equal(await hashing.verify("known", "tall giraffes hum"), true);
  assert.equal(await hashing.verify(undefined, "tall giraffes hum"), false);
  assert.equal(await hashing.verify(null, "tall giraffes hum"), false);
  assert.equal(hashes, 2);
});

test("the pool runs so many at a time, in order, and refuses when the line is full", async () => {
  const pool = createBoundedPool({ atOnce: 2, waiting: 3, refusal: () => new Error("The line is full.") });
  const started: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate, index) =>
    pool(async () => {
      started.push(index);
      await gate.promise;
      if (index === 1) throw new Error("One piece of work failed.");
      return index;
    }),
  );
  assert.deepEqual(started, [0, 1]);
  await assert.rejects(
    pool(async () => 5),
    { message: /full/ },
  );
  const failed = assert.rejects(runs[1] as Promise<number>, /One piece/);
  gates[1]?.resolve();
  await failed;
  assert.deepEqual(started, [0, 1, 2], "a failed piece gives its place to the next");
  for (const gate of gates) gate.resolve();
  assert.deepEqual(await Promise.all([runs[0], runs[2], runs[3], runs[4]]), [0, 2, 3, 4]);
  assert.equal(await pool(async () => 6), 6);
});
