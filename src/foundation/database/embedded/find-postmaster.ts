import { execFile } from "node:child_process";
import { readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A running PostgreSQL as its `postmaster.pid` tells of it; `state` is starting, ready, stopping or standby. */
export type Postmaster = { pid: number; port: number; state: string };

/**
 * Finds the PostgreSQL that runs on a data folder. A `postmaster.pid` whose process is gone, or whose number now belongs
 * to something else, counts as none.
 * File layout: PostgreSQL source, src/include/utils/pidfile.h.
 */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  const [pid, , , port, , , , state] = (await readPidFile(dataFolder)).split("\n");
  if (!pid || !(await isPostmasterOf(Number(pid), dataFolder))) return undefined;
  // The later lines are written during the start: a file without them is that of a server still starting.
  return { pid: Number(pid), port: Number(port), state: state?.trim() || "starting" };
}

/**
 * Removes a `postmaster.pid` that PostgreSQL itself would stumble over: its number now belongs to another process of
 * the same user (common in containers), or a power cut left it empty. Others it recognises as stale by itself.
 */
export async function removeStalePidFile(dataFolder: string): Promise<void> {
  const content = await readPidFile(dataFolder);
  if (!(await isStale(content, dataFolder))) return;
  const file = join(dataFolder, "postmaster.pid");
  const aside = `${file}.stale-${process.pid}`;
  await rename(file, aside);
  // Another start may have put its fresh file there since we looked: that one goes back.
  if ((await readFile(aside, "utf8")) === content) await rm(aside);
  else await rename(aside, file);
}

async function isStale(content: string, dataFolder: string): Promise<boolean> {
  const pid = Number(content.split("\n")[0]);
  if (pid > 0) return isAlive(pid) && !(await isPostmasterOf(pid, dataFolder));
  const written = await stat(join(dataFolder, "postmaster.pid")).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > 5_000;
}

/** Whether a process with this number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the process is a PostgreSQL of ours on this data folder; a zombie nobody has reaped is not. */
export async function isPostmasterOf(pid: number, dataFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const folder = /postgres -D (.*?) -p \d+/.exec(await readCommandLine(pid))?.[1];
  if (folder === undefined) return false;
  const [running, asked] = await Promise.all([realpath(folder).catch(() => undefined), realpath(dataFolder)]);
  // When its folder is not there under that name any more, the folder was moved while it ran: then it is this one.
  return running === undefined || running === asked;
}

/** Whether the command line of a process ends with these arguments. */
export async function hasArguments(pid: number, last: string[]): Promise<boolean> {
  return (await readCommandLine(pid)).trimEnd().endsWith(last.join(" ").trimEnd());
}

/** Arguments joined by spaces; empty for a process that has ended. */
async function readCommandLine(pid: number): Promise<string> {
  try {
    if (process.platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    return (await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)])).stdout;
  } catch {
    // It ended between the two looks.
    return "";
  }
}

async function readPidFile(dataFolder: string): Promise<string> {
  try {
    return await readFile(join(dataFolder, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
