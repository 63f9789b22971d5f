import { randomBytes } from "node:crypto";
import { chmod, chown, link, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Account } from "./choose-account.ts";
import { EmbeddedPostgresError, remedyFor } from "./embedded-postgres-error.ts";
import type { Binaries } from "./find-binaries.ts";
import { type Cluster, pointerFile } from "./find-cluster.ts";
import { announceDraft, clusterFolder, forgetDraft } from "./remove-leftovers.ts";
import { runProgram } from "./run-program.ts";

type Setting = { binaries: Binaries; account: Account | undefined; sharedFolder: string; durable: boolean };

/**
 * Creates an empty database for a data directory, atomically: everything is prepared under a draft of the pointer, and
 * linking the draft to its final name, which succeeds for one start only, makes it count. A start that comes second
 * throws its own away; whoever calls reads the pointer afterwards. Raises EmbeddedPostgresError when initdb fails.
 */
export async function createCluster(dataDir: string, setting: Setting): Promise<void> {
  const id = randomBytes(8).toString("hex");
  const folder = clusterFolder({ dataDir, sharedFolder: setting.sharedFolder, account: setting.account }, id);
  const cluster = { folder, ownerPassword: newPassword(), apiPassword: newPassword() };
  const draft = announceDraft(dataDir, id);
  try {
    const pointer = { ...cluster, folder: setting.account ? folder : relative(dataDir, folder) };
    await writeSynced(draft, `${JSON.stringify(pointer, undefined, 2)}\n`);
    await makeFolder(folder, setting);
    await initialise(cluster, setting);
    await link(draft, pointerFile(dataDir));
    await syncFolder(dataDir);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
    forgetDraft(draft);
  }
}

function newPassword(): string {
  return randomBytes(32).toString("base64url");
}

async function makeFolder(folder: string, { account, sharedFolder }: Setting): Promise<void> {
  if (account) {
    await mkdir(sharedFolder, { recursive: true });
    // The account must pass through, whatever umask root has; the names inside cannot be listed or guessed.
    await chmod(sharedFolder, 0o711);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
}

async function initialise(cluster: Cluster, { binaries, account, durable }: Setting): Promise<void> {
  const passwordFile = join(cluster.folder, "password");
  await writeFile(passwordFile, cluster.ownerPassword, { mode: 0o600, flag: "wx" });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const { trouble } = await runProgram(
    join(binaries.nativeFolder, "bin", "initdb"),
    [
      `--pgdata=${join(cluster.folder, "data")}`,
      "--username=usher_owner",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      // macOS has no C.UTF-8 of its own before version 14; what it would decide there is decided by the builtin one.
      `--locale=${process.platform === "darwin" ? "C" : "C.UTF-8"}`,
      ...(durable ? [] : ["--no-sync"]),
    ],
    account,
  );
  await rm(passwordFile);
  if (trouble === undefined) return;
  throw new EmbeddedPostgresError(
    `A database could not be created in ${cluster.folder}:\n${trouble}\n${remedyFor(trouble)}`,
  );
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
