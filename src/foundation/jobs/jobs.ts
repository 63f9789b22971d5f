import type { Transaction } from "kysely";
import { fromKysely, type JobWithMetadata, PgBoss } from "pg-boss";
import type { Database } from "../database/database.ts";
import type { Logger } from "../logging/index.ts";

/** A kind of background work. Its payload carries ids only, never personal data. */
export type Job<Payload extends object> = {
  name: string;
  /** Tries after the first, with growing delays and jitter; then the job goes to the dead letters. */
  retryLimit: number;
  retryDelaySeconds: number;
  /** A try that takes longer counts as failed. */
  expireInSeconds: number;
  /** Type only. */
  readonly payload?: Payload;
};

/** What a handler is told beside its payload. `attempt` counts from 1. */
export type JobContext = { jobId: string; attempt: number; lastAttempt: boolean };

export type JobHandler<Payload extends object> = (payload: Payload, context: JobContext) => Promise<void>;

/** Enqueues inside our transactions and works the queues. */
export type Jobs = {
  /** One insert for all payloads; they become due when the transaction commits. */
  enqueue<Payload extends object>(
    trx: Transaction<Database>,
    job: Job<Payload>,
    payloads: Payload[],
    startAfter?: Date,
  ): Promise<void>;
  /** Registers the handler of a job. Call before `start`. */
  handle<Payload extends object>(job: Job<Payload>, handler: JobHandler<Payload>): void;
  /** Connects; with `work`, starts taking jobs. */
  start(options: { work: boolean }): Promise<void>;
  /** Runs everything that is due now, in this call, until nothing is: for tests and orderly ends. */
  drain(): Promise<void>;
  /** Stops taking jobs, waits for the running ones up to `timeoutSeconds`. */
  stop(timeoutSeconds: number): Promise<void>;
};

/** Where jobs go that failed to the last try. */
export const deadLetters = "dead-letters";

/** Declares a kind of background work. */
export function defineJob<Payload extends object>(job: Job<Payload>): Job<Payload> {
  return job;
}

type Connection = { url: string; role?: string; log: Logger };

function connect({ url, role, log }: Connection, work: boolean, max: number): PgBoss {
  const boss = new PgBoss({
    connectionString: url,
    options: role ? `-c role=${role}` : undefined,
    application_name: "usher jobs",
    max,
    migrate: false,
    createSchema: false,
    supervise: work,
    schedule: false,
    // Rebuilding indexes belongs to the owner of the tables, and the API's role is not.
    reindex: false,
    monitorVacuum: false,
  });
  boss.on("error", (error) => log.error("job queue failed", { error }));
  return boss;
}

/**
 * Installs or upgrades pg-boss and makes the queues, as the owner of the database. Safe to repeat, and from two
 * processes at once (pg-boss locks).
 */
export async function installJobs(ownerUrl: string, jobs: readonly Job<object>[], log: Logger): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, max: 1, supervise: false, schedule: false });
  boss.on("error", (error) => log.error("job queue failed", { error }));
  await boss.start();
  try {
    const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
    if (!existing.has(deadLetters)) await boss.createQueue(deadLetters, { retryLimit: 0 });
    for (const job of jobs) {
      if (existing.has(job.name)) await boss.updateQueue(job.name, { ...queueOptions(job), deadLetter: deadLetters });
      else await boss.createQueue(job.name, { ...queueOptions(job), deadLetter: deadLetters });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

function queueOptions(job: Job<object>) {
  return {
    retryLimit: job.retryLimit,
    retryDelay: job.retryDelaySeconds,
    retryBackoff: true,
    expireInSeconds: job.expireInSeconds,
  };
}

/** Makes the job queue of this process on a database where it is installed. */
export function createJobs(connection: Connection): Jobs {
  const { log } = connection;
  const handlers = new Map<string, JobHandler<object>>();
  let boss: PgBoss | undefined;
  const running = () => {
    if (!boss) throw new Error("The job queue is not started.");
    return boss;
  };
  return {
    enqueue: async (trx, job, payloads, startAfter) => {
      const rows = payloads.map((data) => ({ data, ...(startAfter ? { startAfter: startAfter.toISOString() } : {}) }));
      await running().insert(job.name, rows, { db: within(trx, job.name) });
    },
    handle: (job, handler) => {
      handlers.set(job.name, handler as JobHandler<object>);
    },
    start: async ({ work }) => {
      boss = connect(connection, work, work ? 4 : 1);
      await boss.start();
      if (!work) return;
      for (const [name, handler] of handlers) await workOn(boss, name, handler, log);
      // Jobs whose lease a killed process left behind are due again now. pg-boss looks for them a minute after each start
      // only, which a process that is killed again and again never reaches.
      await boss.supervise();
    },
    drain: () => drain(running(), handlers, log),
    stop: async (timeoutSeconds) => {
      await boss?.stop({ graceful: true, timeout: timeoutSeconds * 1000 });
      boss = undefined;
    },
  };
}

/** What pg-boss asks in our transaction: one long statement a queue, always the same, whose plan is kept. */
function within(trx: Transaction<Database>, queue: string): ReturnType<typeof fromKysely> {
  const { executeSql } = fromKysely(trx);
  return {
    executeSql: (text, values) =>
      executeSql(/^\s*INSERT\b/.test(text) ? `/* prepared: enqueue ${queue} */${text}` : text, values),
  };
}

async function workOn(boss: PgBoss, name: string, handler: JobHandler<object>, log: Logger): Promise<void> {
  await boss.work(
    name,
    { includeMetadata: true, batchSize: 1, pollingIntervalSeconds: 0.5, localConcurrency: 4 },
    async ([job]: JobWithMetadata<object>[]) => {
      if (job) await runLogged(name, job, handler, log);
    },
  );
}

type TakenJob = Pick<JobWithMetadata<object>, "id" | "data" | "retryCount" | "retryLimit">;

async function runLogged(name: string, job: TakenJob, handler: JobHandler<object>, log: Logger): Promise<void> {
  try {
    await handler(job.data, {
      jobId: job.id,
      attempt: job.retryCount + 1,
      lastAttempt: job.retryCount >= job.retryLimit,
    });
  } catch (error) {
    log.warn("job failed", { job: name, jobId: job.id, attempt: job.retryCount + 1, error });
    throw error;
  }
}

async function drain(boss: PgBoss, handlers: Map<string, JobHandler<object>>, log: Logger): Promise<void> {
  for (let found = true; found; ) {
    found = false;
    for (const [name, handler] of handlers) {
      const taken = await boss.fetch<object>(name, { includeMetadata: true, batchSize: 50 });
      found ||= taken.length > 0;
      for (const job of taken) {
        await runLogged(name, job, handler, log).then(
          () => boss.complete(name, job.id),
          (error: Error) => boss.fail(name, job.id, { kind: error.name }),
        );
      }
    }
  }
}
