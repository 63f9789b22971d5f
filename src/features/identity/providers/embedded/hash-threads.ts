import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { HashResult, HashTask } from "./hash-worker.ts";

/** Carries out one task on a thread of its own, apart from everything that answers requests. */
export type HashThreads = (task: HashTask) => Promise<string | boolean>;

/**
 * Makes threads as they are needed, and keeps them: at most as many as tasks are given at once, which the caller bounds.
 * They do not hold the process open. A thread that dies takes its task with it; the next task gets a new one.
 */
export function createHashThreads(): HashThreads {
  const idle: Worker[] = [];
  return async (task) => {
    const worker = idle.pop() ?? startWorker();
    worker.ref();
    worker.postMessage(task);
    // `once` rejects with what an "error" event carries: then the thread is gone and is not kept.
    const [result] = (await once(worker, "message")) as [HashResult];
    worker.unref();
    idle.push(worker);
    if ("failed" in result) throw new Error(`Hashing failed: ${result.failed}`);
    return result.done;
  };
}

function startWorker(): Worker {
  return new Worker(new URL("./hash-worker.ts", import.meta.url));
}
