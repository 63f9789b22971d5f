import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { hashSync, type Options, verifySync } from "@node-rs/argon2";

/** One piece of work for a hashing thread. */
export type HashTask =
  | { kind: "hash"; password: string; options: Options }
  | { kind: "verify"; passwordHash: string; password: string };

/** What became of it; a failure is told by its message, since errors of native code do not travel. */
export type HashResult = { done: string | boolean } | { failed: string };

// On Linux the process number 0 means this thread alone: whoever waits for an answer goes before whoever hashes.
if (process.platform === "linux") setPriority(0, 15);

parentPort?.on("message", (task: HashTask) => {
  parentPort?.postMessage(carryOut(task));
});

function carryOut(task: HashTask): HashResult {
  try {
    if (task.kind === "hash") return { done: hashSync(task.password, task.options) };
    return { done: verifySync(task.passwordHash, task.password) };
  } catch (error) {
    return { failed: (error as Error).message };
  }
}
