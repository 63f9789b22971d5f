import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestClock, type TestClock } from "../../foundation/clock/index.ts";
import type { SigningKey } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { randomIds } from "../../foundation/ids/index.ts";
import { createLogger } from "../../foundation/logging/index.ts";
import { createPersonKeys, type PersonKeys } from "../personal-data/index.ts";
import {
  type AuditReport,
  createJournal,
  createSealer,
  type Journal,
  type NewEntry,
  type Sealer,
  type SealerDeps,
  toPublicJwk,
  verifyJournal,
} from "./index.ts";

/** A journal on a database of its own, with all that works on it. For tests only. */
export type JournalUnderTest = {
  database: TestDatabase;
  clock: TestClock;
  personKeys: PersonKeys;
  journal: Journal;
  key: SigningKey;
  publicKeys: JSONWebKeySet;
  /** Folder of this journal; removed at the end. */
  folder: string;
  checkpointsFile: string;
  sealer(options?: Partial<SealerDeps>): Sealer;
  /**
   * Seals until everything committed is sealed. Once may not be enough: the horizon belongs to the whole server, and
   * other test files write on it at the same time.
   */
  seal(options?: Partial<SealerDeps>): Promise<{ size: number }>;
  record(...entries: NewEntry[]): Promise<void>;
  /** With the exported checkpoints. */
  verify(): Promise<AuditReport>;
  /** Runs SQL as a superuser whom no trigger stops. */
  tamper(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  remove(): Promise<void>;
};

export async function makeSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "Ed25519", use: "sig", kid };
}

/** A small entry about a fresh user, without a personal part. */
export function anEntry(action = "user.registered", userId: string = randomUUID()): NewEntry {
  return {
    actor: { kind: "system", id: "test" },
    action,
    subject: { kind: "user", id: userId },
    changes: { status: { before: "pending", after: "not_verified" } },
    requestId: "request-1",
  };
}

export async function setUpJournal(): Promise<JournalUnderTest> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), "usher-journal-"));
  const checkpointsFile = join(folder, "checkpoints.jsonl");
  const clock = createTestClock(new Date("2026-01-02T03:04:05.678Z"));
  const personKeys = createPersonKeys({ clock, ids: randomIds, wrappingKey: randomBytes(32) });
  const journal = createJournal({ clock, ids: randomIds, personKeys });
  const key = await makeSigningKey("checkpoints-test");
  const publicKeys = { keys: [toPublicJwk(key)] };
  const log = createLogger({ level: "silent" });
  const { db } = database;
  const sealer = (options?: Partial<SealerDeps>) =>
    createSealer({ db, clock, log, loadKey: async () => key, exportTo: checkpointsFile, ...options });
  return {
    database,
    clock,
    personKeys,
    journal,
    key,
    publicKeys,
    folder,
    checkpointsFile,
    sealer,
    seal: (options) => sealAll(database.db, sealer(options)),
    record: (...entries) => db.transaction().execute((trx) => journal.recordAll(trx, entries)),
    verify: async () => verifyJournal({ db }, { publicKeys, exportedCheckpoints: await readLines(checkpointsFile) }),
    tamper: (sql, values) => runUnguarded(database.ownerUrl, sql, values),
    remove: async () => {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function sealAll(db: Db, sealer: Sealer): Promise<{ size: number }> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { count } = await db
      .selectFrom("journal_entries")
      .select((query) => query.fn.countAll<string>().as("count"))
      .executeTakeFirstOrThrow();
    const sealed = await sealer.sealNow();
    if (sealed && sealed.size >= Number(count)) return sealed;
    if (performance.now() > deadline) throw new Error("A transaction has held the horizon for 60 seconds.");
  }
}

/** The lines of a file; none when it is not there. */
export async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").filter((line) => line !== "");
}

async function runUnguarded(url: string, sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("set session_replication_role = replica");
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}
