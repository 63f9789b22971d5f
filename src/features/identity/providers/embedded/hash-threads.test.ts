import assert from "node:assert/strict";
import { test } from "node:test";
import { argon2Options } from "./hash-password.ts";
import { createHashThreads } from "./hash-threads.ts";

test("of many tasks at once, on few threads, each gets its own result", async () => {
  const onThread = createHashThreads(3);
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

const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ password }) => {
      if (password === "throw") throw new Error("The thread broke.");
      if (password === "exit") process.exit(1);
      parentPort.postMessage({ done: password });
    });`)}`,
);

for (const death of ["throw", "exit"]) {
  test(`a thread that dies (${death}) fails its tasks, keeps the results made before, and the next task gets a new one`, async () => {
    const onThread = createHashThreads(1, mortal);
    const ask = (password: string) => onThread({ kind: "hash", password, options: argon2Options });
    const results = await Promise.allSettled([ask("before"), ask(death), ask("behind")]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value : (result.reason as Error).message)),
      ["before", "A hashing thread ended.", "A hashing thread ended."],
    );
    assert.equal(await ask("next"), "next");
  });
}

test("what cannot be sent to a thread fails alone", async () => {
  const onThread = createHashThreads(1, mortal);
  const ask = (password: unknown) => onThread({ kind: "hash", password: password as string, options: argon2Options });
  const first = ask("first");
  assert.throws(() => ask(() => "a function cannot be sent"), { name: "DataCloneError" });
  assert.deepEqual(await Promise.all([first, ask("second")]), ["first", "second"]);
});
