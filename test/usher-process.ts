import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectionUrl, ownerLogin } from "../src/foundation/database/embedded/connect-as.ts";
import { dataFolder, findCluster } from "../src/foundation/database/embedded/find-cluster.ts";
import { findPostmaster, type Postmaster } from "../src/foundation/database/embedded/find-postmaster.ts";
import { stopPostmaster } from "../src/foundation/database/embedded/stop-postmaster.ts";
import { connectDatabase, type Db } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { findFreePort } from "./free-port.ts";
import { type Send, sender } from "./harness.ts";

/** The repository's own folder, where the processes run. */
const root = fileURLToPath(new URL("..", import.meta.url));

/** What only a hanging process exceeds. */
const limitSeconds = 60;

/** A data folder of its own with a durable embedded PostgreSQL, and the real processes that work on it. */
export type Home = { dataDir: string; port: number; url: string; send: Send; started: UsherProcess[] };

/** One real process, which leads a process group as a terminal's foreground job does. */
export type UsherProcess = {
  child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Fulfilled once it serves. @throws Error with what it printed when it ends instead, or takes a minute */
  ready: Promise<void>;
  /** How it ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** To every process of the group, as Ctrl-C and an out-of-memory killer of a container do. */
  killGroup(signal: NodeJS.Signals): void;
};

/** Makes an empty home; end it with `clearHome`. */
export async function makeHome(): Promise<Home> {
  const [folder, port] = await Promise.all([mkdtemp(join(tmpdir(), "usher-home-")), findFreePort()]);
  await chmod(folder, 0o711);
  const url = `http://127.0.0.1:${port}`;
  return { dataDir: join(folder, "data"), port, url, send: sender(url), started: [] };
}

/** Starts `npm start`, or the program without npm, on a home. */
export function startUsherProcess(
  home: Home,
  command: "npm start" | "node",
  more: Record<string, string> = {},
): UsherProcess {
  const [program, ...args] = command === "node" ? [process.execPath, "src/main.ts"] : ["npm", "start"];
  const { PATH = "", HOME = "/", TMPDIR } = process.env;
  const env = {
    PATH,
    HOME,
    ...(TMPDIR ? { TMPDIR } : {}),
    PORT: String(home.port),
    SANDBOX_PORT: "0",
    USHER_DATA_DIR: home.dataDir,
    RATE_LIMITS: "off",
    LOG_LEVEL: "error",
    ...more,
  };
  const child = spawn(program as string, args, { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const ready = within(limitSeconds, "the start", async () => {
    while (!output.includes("is ready")) {
      const end = await Promise.race([ended, once(child.stdout as NodeJS.ReadableStream, "data")]);
      if (!Array.isArray(end)) throw new Error(`It ended (${JSON.stringify(end)}) before it was ready: ${output}`);
    }
  });
  // Whoever does not wait for it learns of the failure by `ended`.
  ready.catch(() => undefined);
  const started = {
    child,
    ready,
    ended,
    output: () => output,
    killGroup: (signal: NodeJS.Signals) => killGroup(child, signal),
  };
  home.started.push(started);
  return started;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
}

/** Fails a promise that takes longer than only a hanging process would. */
export async function within<Result>(seconds: number, what: string, work: () => Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took more than ${seconds} seconds.`)), seconds * 1000);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a condition, looking again and again. @throws Error naming it when it does not come about in a minute */
export async function until<Found>(what: string, look: () => Promise<Found | undefined | false>): Promise<Found> {
  const deadline = performance.now() + limitSeconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`In ${limitSeconds} seconds this did not come about: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The PostgreSQL that runs in a home. */
export async function findServer({ dataDir }: Home): Promise<Postmaster | undefined> {
  const cluster = await findCluster(dataDir);
  return cluster && findPostmaster(dataFolder(cluster));
}

/** A log-in of the owner to the database of a home. @throws Error when no PostgreSQL runs there */
export async function ownerUrlOf(home: Home): Promise<string> {
  const [cluster, server] = await Promise.all([findCluster(home.dataDir), findServer(home)]);
  if (!cluster || !server) throw new Error("No PostgreSQL runs in this home.");
  return connectionUrl(ownerLogin(cluster, { port: server.port, database: "usher" }));
}

/** Works on the database of a home beside its Usher. */
export async function withDatabase<Result>(home: Home, work: (db: Db) => Promise<Result>): Promise<Result> {
  const url = await ownerUrlOf(home);
  const log = createLogger({ level: "silent" });
  const { db, close } = connectDatabase({ url, poolSize: 4, applicationName: "usher test", log });
  return work(db).finally(close);
}

/** The secrets that the Veriff double of a home signs with. */
export async function readVeriffKeys({ dataDir }: Home): Promise<{ apiKey: string; sharedSecret: string }> {
  return JSON.parse(await readFile(join(dataDir, "sandbox.json"), "utf8")).veriff;
}

/** Runs the journal's verifier as a process of its own, as an auditor would. */
export async function runAudit(home: Home): Promise<{ code: number | null; output: string }> {
  const args = [
    "src/verify-audit.ts",
    "--database-url",
    await ownerUrlOf(home),
    "--checkpoints",
    join(home.dataDir, "checkpoints.jsonl"),
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

/** Kills every Usher that runs in a home; PostgreSQL and the data stay. */
export async function quietHome(home: Home): Promise<void> {
  for (const started of home.started) started.killGroup("SIGKILL");
  await Promise.all(home.started.splice(0).map(({ ended }) => ended));
}

/** Ends everything that runs in a home and removes it. */
export async function clearHome(home: Home): Promise<void> {
  await quietHome(home);
  const [cluster, server] = await Promise.all([findCluster(home.dataDir), findServer(home)]);
  if (cluster && server) await stopPostmaster({ pid: server.pid, dataFolder: dataFolder(cluster) });
  if (cluster) await rm(cluster.folder, { recursive: true, force: true });
  await rm(join(home.dataDir, ".."), { recursive: true, force: true });
}
