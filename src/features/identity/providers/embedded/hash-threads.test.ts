import assert from "node:assert/strict";
import { test } from "node:test";
import { argon2Options } from "./hash-password.ts";
import { createHashThreads } from "./hash-threads.ts";

test("of many tasks at once, on few threads, each gets its own result", async () => {
  const onThread = createHashThreads(2);
  const passwords = Array.from({ length: 9 }, (_, index) => `tall giraffe ${index}`);
  const hashes = await Promise.all(
    passwords.map((password) => onThread({ kind: "hash", password, options: argon2Options })),
  );
  const fits = await Promise.all(
    passwords.flatMap((password, index) => [
      onThread({ kind: "verify", passwordHash: String(hashes[index]), password }),
      onThread({ kind: "verify", passwordHash: String(hashes[(index + 1) % 9]), password }),
    ]),
  );
  assert.deepEqual(
    fits,
    passwords.flatMap(() => [true, false]),
  );
});

test("a task that fails takes none of its neighbours with it", async () => {
  const onThread = createHashThreads(1);
  const good = { kind: "hash", password: "tall giraffes hum", options: argon2Options } as const;
  const results = await Promise.allSettled([
    onThread(good),
    onThread({ kind: "verify", passwordHash: "no hash at all", password: "tall giraffes hum" }),
    onThread(good),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.match(String((results[1] as PromiseRejectedResult).reason), /Hashing failed/);
});
