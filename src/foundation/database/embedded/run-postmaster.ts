import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, type FileHandle, open, rename, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Account } from "./choose-account.ts";
import { EmbeddedPostgresError, remedyFor } from "./embedded-postgres-error.ts";
import type { Binaries } from "./find-binaries.ts";
import { type Cluster, dataFolder } from "./find-cluster.ts";
import { findPostmaster, type Postmaster } from "./find-postmaster.ts";
import { spawnSettings } from "./run-program.ts";
import { serverArguments } from "./server-arguments.ts";

/** A database on disk and what it is run with. */
export type Place = {
  cluster: Cluster;
  binaries: Binaries;
  account: Account | undefined;
  settings: Record<string, string>;
};

/** Failures that another attempt can outlast: a port just taken, another start, backends of a killed server ending. */
const passing = /could not bind|TCP\/IP sockets|lock file ".*" already exists|pre-existing shared memory block/;

const startLimitMs = 60_000;
const largestLogBytes = 1_000_000;

/**
 * Starts PostgreSQL on a cluster, on a free port of 127.0.0.1, and waits until it is ready (one minute at most: after a
 * crash it first replays its log). It outlives this process: detached, so that Ctrl-C in the terminal does not reach it
 * before we have finished. Gives `failed`, with the last log lines, when another attempt may succeed; raises
 * EmbeddedPostgresError with the same lines when not.
 */
export async function runPostmaster({
  cluster,
  binaries,
  account,
  settings,
}: Place): Promise<{ postmaster: Postmaster } | { failed: string }> {
  await using log = await openLog(cluster, account);
  const logStart = (await log.stat()).size;
  const server = spawn(
    join(binaries.nativeFolder, "bin", "postgres"),
    serverArguments(dataFolder(cluster), await findFreePort(), settings),
    { ...spawnSettings(account), detached: true, stdio: ["ignore", log.fd, log.fd] },
  );
  server.unref();
  await once(server, "spawn");
  const postmaster = await waitUntilReady(server, cluster);
  if (postmaster) return { postmaster };
  const lines = (await readFrom(log, logStart)).trim().split("\n").slice(-10).join("\n");
  if (passing.test(lines)) return { failed: lines };
  throw new EmbeddedPostgresError(`PostgreSQL did not start on ${cluster.folder}:\n${lines}\n${remedyFor(lines)}`);
}

/** Gives undefined when it ended instead. One that never gets ready is stopped. */
async function waitUntilReady(server: ChildProcess, cluster: Cluster): Promise<Postmaster | undefined> {
  const deadline = performance.now() + startLimitMs;
  while (server.exitCode === null && server.signalCode === null) {
    const found = await findPostmaster(dataFolder(cluster));
    if (found?.pid === server.pid && found?.state === "ready") return found;
    if (performance.now() > deadline) server.kill("SIGINT");
    await pause(5);
  }
  return undefined;
}

/** Opens the log for reading and appending; a long one is put aside, so that at most two of them exist. */
async function openLog(cluster: Cluster, account: Account | undefined): Promise<FileHandle> {
  const path = join(cluster.folder, "server.log");
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > largestLogBytes) await rename(path, `${path}.1`);
  // No link is followed: as root we write into a folder that belongs to a less trusted account.
  const log = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  if (account) await log.chown(account.uid, account.gid);
  return log;
}

async function readFrom(log: FileHandle, position: number): Promise<string> {
  const buffer = Buffer.alloc((await log.stat()).size - position);
  const { bytesRead } = await log.read(buffer, 0, buffer.length, position);
  return buffer.toString("utf8", 0, bytesRead);
}

/** A port that is free now; when another process takes it first, PostgreSQL says so and another one is tried. */
async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
  return address.port;
}
