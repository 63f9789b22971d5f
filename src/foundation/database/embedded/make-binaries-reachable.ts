import { randomBytes } from "node:crypto";
import { chmod, cp, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./choose-account.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import type { Binaries } from "./find-binaries.ts";
import { isAlive } from "./find-postmaster.ts";
import { runProgram } from "./run-program.ts";

/**
 * Gives binaries that the account can run: the installed ones, or, when they lie in a folder closed to it (a clone in
 * /root), a copy of them in `sharedFolder` (60 MB, once per version). Raises EmbeddedPostgresError when neither runs.
 */
export async function makeBinariesReachable(
  binaries: Binaries,
  { account, sharedFolder }: { account: Account | undefined; sharedFolder: string },
): Promise<Binaries> {
  let { trouble } = await tryBinaries(binaries, account);
  if (trouble === undefined) return binaries;
  if (account !== undefined) {
    const copy = { ...binaries, nativeFolder: join(sharedFolder, `native-${binaries.version}`) };
    await removeLeftoverCopies(sharedFolder);
    if (!(await holdsSameFiles(binaries.nativeFolder, copy.nativeFolder))) {
      await copyWhole(binaries.nativeFolder, copy.nativeFolder);
    }
    ({ trouble } = await tryBinaries(copy, account));
    if (trouble === undefined) return copy;
  }
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL does not run on this machine (${trouble}): ` +
      "it needs a system with glibc or macOS; set DATABASE_URL to a PostgreSQL server of your own.",
  );
}

function tryBinaries({ nativeFolder }: Binaries, account: Account | undefined) {
  return runProgram(join(nativeFolder, "bin", "postgres"), ["--version"], account);
}

/** Copies under a temporary name and renames, so that the target is there whole or not at all. */
async function copyWhole(source: string, target: string): Promise<void> {
  const unfinished = `${target}.copy-${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(unfinished, { recursive: true });
  await cp(source, unfinished, { recursive: true, verbatimSymlinks: true });
  await openToAll(unfinished);
  try {
    await rename(unfinished, target);
  } catch {
    // Something is there: either another start was quicker, and its copy serves as well, or a damaged one.
    if (await holdsSameFiles(source, target)) return rm(unfinished, { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(unfinished, target);
  }
}

/** A strict umask at `npm ci` leaves files that only root may read: the copy is for another account. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || entry.parentPath === join(folder, "bin");
    await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

/** Compares names and sizes: a power cut soon after a copy can leave empty files behind. */
async function holdsSameFiles(source: string, target: string): Promise<boolean> {
  const [expected, present] = await Promise.all([listSizes(source), listSizes(target)]);
  return expected.size === present.size && [...expected].every(([name, size]) => present.get(name) === size);
}

async function listSizes(folder: string): Promise<Map<string, number>> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const sizes = names.map(async (name) => {
    const entry = await lstat(join(folder, name));
    return [name, entry.isDirectory() ? 0 : entry.size] as const;
  });
  return new Map(await Promise.all(sizes));
}

async function removeLeftoverCopies(sharedFolder: string): Promise<void> {
  await mkdir(sharedFolder, { recursive: true });
  await chmod(sharedFolder, 0o711);
  for (const name of await readdir(sharedFolder)) {
    const pid = /^native-.*\.copy-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(sharedFolder, name), { recursive: true, force: true });
  }
}
