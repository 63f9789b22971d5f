import { resolve } from "node:path";
import { apiLogin, connectionUrl } from "./connect-as.ts";
import { dataFolder, findCluster } from "./find-cluster.ts";
import { findPostmaster } from "./find-postmaster.ts";

/**
 * The URL of `usher_api` on the embedded server that runs on a data directory at this moment, for a reader beside a
 * living Usher; undefined when none runs.
 */
export async function findRunningServer(dataDir: string): Promise<string | undefined> {
  const cluster = await findCluster(resolve(dataDir));
  if (!cluster) return undefined;
  const postmaster = await findPostmaster(dataFolder(cluster));
  return postmaster?.state === "ready" ? connectionUrl(apiLogin(cluster, postmaster.port)) : undefined;
}
