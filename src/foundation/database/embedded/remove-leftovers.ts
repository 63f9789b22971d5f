import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Account } from "./choose-account.ts";
import { endOrphans } from "./end-orphans.ts";
import { findCluster } from "./find-cluster.ts";
import { isAlive } from "./find-postmaster.ts";

const draftName = /^database\.(\d+)\.([0-9a-f]{16})\.json$/;

/** Drafts of this very process: after a restart in a container, a killed start often had the same process number. */
const ownDrafts = new Set<string>();

/** The name of the draft under which this process prepares the cluster `id`, until it counts (see createCluster). */
export function announceDraft(dataDir: string, id: string): string {
  const draft = join(dataDir, `database.${process.pid}.${id}.json`);
  ownDrafts.add(draft);
  return draft;
}

/** Says that the draft is done with. */
export function forgetDraft(draft: string): void {
  ownDrafts.delete(draft);
}

/**
 * Where a cluster lives: beside its pointer, or, when it runs under an account of its own (we are root), in the shared
 * folder, which that account can reach.
 */
export function clusterFolder(
  { dataDir, sharedFolder, account }: { dataDir: string; sharedFolder: string; account: Account | undefined },
  id: string,
): string {
  return account ? join(sharedFolder, id) : join(dataDir, "postgres", id);
}

/**
 * Removes what starts that were killed during the creation of a database left behind: their drafts, and the folders
 * those announced. Folders are found by the draft's name, never by a path read from a file.
 */
export async function removeLeftovers({
  dataDir,
  sharedFolder,
}: {
  dataDir: string;
  sharedFolder: string;
}): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const [, pid, id] = draftName.exec(name) ?? [];
    const draft = join(dataDir, name);
    if (pid === undefined || id === undefined || isInUse(Number(pid), draft)) continue;
    // Killed between the last two steps: its draft has become the pointer, only the draft itself is left.
    const current = (await findCluster(dataDir))?.folder;
    if (current === undefined || basename(current) !== id) await removeClusterFolders({ dataDir, sharedFolder }, id);
    await rm(draft, { force: true });
  }
}

function isInUse(pid: number, draft: string): boolean {
  return pid === process.pid ? ownDrafts.has(draft) : isAlive(pid);
}

async function removeClusterFolders(places: { dataDir: string; sharedFolder: string }, id: string): Promise<void> {
  await endOrphans(id);
  // The server process that initdb had begun ends by itself: removal is tried again until it has.
  const persistent = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
  await rm(clusterFolder({ ...places, account: undefined }, id), persistent);
  if (process.getuid?.() === 0) await rm(clusterFolder({ ...places, account: { uid: 0, gid: 0 } }, id), persistent);
}
