import { Worker } from "node:worker_threads";
import type { HashResult, HashTask } from "./hash-worker.ts";

/** Carries out one task on a thread of its own, apart from everything that answers requests. */
export type HashThreads = (task: HashTask) => Promise<string | boolean>;

/**
 * Give each thread so many tasks at a time: one that it is at, and one to go on with, so that it need not stand still until
 * this process, which has requests to answer, hands it the next.
 */
export const tasksPerThread = 2;

type Thread = { worker: Worker; tasks: PromiseWithResolvers<string | boolean>[] };

/**
 * Makes threads as they are needed, at most `most`, and keeps them. A task goes to the one with the fewest before it. They
 * do not hold the process open. A thread that dies takes its tasks with it; the next task gets a new one.
 *
 * @param program what a thread runs
 */
export function createHashThreads(most: number, program = new URL("./hash-worker.ts", import.meta.url)): HashThreads {
  const threads = new Set<Thread>();
  const start = (): Thread => {
    const thread = startThread(program, () => threads.delete(thread));
    threads.add(thread);
    return thread;
  };
  return (task) => {
    const [freest] = [...threads].sort((one, other) => one.tasks.length - other.tasks.length);
    const isFree = freest !== undefined && (freest.tasks.length === 0 || threads.size >= most);
    const { worker, tasks } = isFree ? freest : start();
    // Sent first: what cannot be sent must not stand in the line, where it would be given another's result.
    worker.postMessage(task);
    const asked = Promise.withResolvers<string | boolean>();
    tasks.push(asked);
    worker.ref();
    return asked.promise;
  };
}

function startThread(program: URL, forget: () => void): Thread {
  const worker = new Worker(program);
  const tasks: Thread["tasks"] = [];
  // A thread answers in the order in which it was asked.
  worker.on("message", (result: HashResult) => {
    const asked = tasks.shift();
    if (tasks.length === 0) worker.unref();
    if ("failed" in result) asked?.reject(new Error(`Hashing failed: ${result.failed}`));
    else asked?.resolve(result.done);
  });
  let cause: unknown;
  worker.on("error", (error) => {
    cause = error;
    forget();
  });
  // A result that cannot be read would leave all behind it with another's.
  worker.on("messageerror", (error) => {
    cause = error;
    forget();
    void worker.terminate();
  });
  // Comes after all results that were sent, and after either of those two.
  worker.on("exit", () => {
    forget();
    for (const asked of tasks.splice(0)) asked.reject(new Error("A hashing thread ended.", { cause }));
  });
  return { worker, tasks };
}
