import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { findBinaries } from "./find-binaries.ts";
import { dataFolder, findCluster } from "./find-cluster.ts";
import { findPostmaster } from "./find-postmaster.ts";
import { type EmbeddedPostgresOptions, type Machine, startOnMachine } from "./start-embedded-postgres.ts";
import { stopPostmaster } from "./stop-postmaster.ts";

/** A folder of its own for tests of the embedded PostgreSQL; `machine` keeps root's databases inside it, too. */
export type Ground = { folder: string; dataDir: string; machine: Machine; started: ChildProcess[] };

/** Makes an empty ground; end it with clearGround. */
export async function makeGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "usher-embedded-"));
  await chmod(folder, 0o711);
  const sharedFolder = join(folder, "shared");
  await mkdir(sharedFolder);
  const machine = { binaries: await findBinaries(), sharedFolder };
  return { folder, dataDir: join(folder, ".usher"), machine, started: [] };
}

/** The folders of databases, finished or not; a copy of the programs, which a closed folder makes necessary, is none. */
export async function listDatabaseFolders({ dataDir, machine }: Ground): Promise<string[]> {
  const places = [machine.sharedFolder, join(dataDir, "postgres")];
  const names = (await Promise.all(places.map((place) => readdir(place).catch(() => [])))).flat();
  return names.filter((name) => !name.startsWith("native-"));
}

/** Ends every process that was started on the ground, and PostgreSQL; the data stays. */
export async function quietGround({ dataDir, started }: Ground): Promise<void> {
  for (const child of started.splice(0)) await killAndWait(child);
  const cluster = await findCluster(dataDir);
  const postmaster = cluster && (await findPostmaster(dataFolder(cluster)));
  if (cluster && postmaster) await stopPostmaster({ pid: postmaster.pid, dataFolder: dataFolder(cluster) });
}

/** Removes the ground and everything that runs on it. */
export async function clearGround(ground: Ground): Promise<void> {
  await quietGround(ground);
  await rm(ground.folder, { recursive: true });
}

/** Starts in this process, without waiting for disks: tests kill processes, not the machine. */
export function startHere({ machine, dataDir }: Ground, options: Partial<EmbeddedPostgresOptions> = {}) {
  return startOnMachine(machine, { dataDir, settings: { fsync: "off" }, ...options });
}

type Answer = { ownerUrl: string; adopted: boolean } | { error: string };

/** Starts in a process of its own, which then holds the database until it is killed; `leave` makes it end by itself. */
export function startElsewhere(ground: Ground, after: "hold" | "leave" = "hold") {
  const program = join(import.meta.dirname, "test-process.ts");
  const task = JSON.stringify({ machine: ground.machine, dataDir: ground.dataDir, after });
  const child = spawn(process.execPath, [program, task], { stdio: ["ignore", "pipe", "inherit"] });
  ground.started.push(child);
  const lines = createInterface({ input: child.stdout });
  const answer = once(lines, "line").then(([line]) => JSON.parse(line) as Answer);
  return { child, answer };
}

/** As startElsewhere, for a start that must succeed. */
export async function startedElsewhere(ground: Ground): Promise<{ child: ChildProcess; ownerUrl: string }> {
  const { child, answer } = startElsewhere(ground);
  const result = await answer;
  if ("error" in result) throw new Error(result.error);
  return { child, ownerUrl: result.ownerUrl };
}

/** SIGKILL, then waits for the end. */
export async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Runs one statement on a connection of its own and gives the first row. */
export async function ask(url: string, statement: string): Promise<Record<string, unknown> | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows[0];
  } finally {
    await client.end();
  }
}

/** The PostgreSQL that runs on the ground now. */
export async function postmasterOf({ dataDir }: Ground) {
  const cluster = await findCluster(dataDir);
  return cluster && findPostmaster(dataFolder(cluster));
}
