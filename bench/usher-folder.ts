import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCluster } from "../src/foundation/database/embedded/find-cluster.ts";

/** Makes a new USHER_DATA_DIR; PostgreSQL's own account may pass through the folder around it. */
export async function makeUsherFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "usher-bench-"));
  await chmod(folder, 0o711);
  return join(folder, ".usher");
}

/** Removes it with its database, which must have been stopped; for root that one lives elsewhere. */
export async function removeUsherFolder(dataDir: string): Promise<void> {
  const cluster = await findCluster(dataDir);
  if (cluster) await rm(cluster.folder, { recursive: true });
  await rm(join(dataDir, ".."), { recursive: true });
}
