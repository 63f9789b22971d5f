import { setTimeout as pause } from "node:timers/promises";
import { EmbeddedPostgresError, remedyFor } from "./embedded-postgres-error.ts";
import { dataFolder } from "./find-cluster.ts";
import { findPostmaster, type Postmaster, removeStalePidFile } from "./find-postmaster.ts";
import { type Place, runPostmaster } from "./run-postmaster.ts";

/**
 * Gives a PostgreSQL that runs on the cluster: the one that an earlier, killed Usher left running, or a new one. One that
 * is just starting or stopping is waited for. Raises EmbeddedPostgresError when that takes more than a minute.
 */
export async function reachServer(place: Place): Promise<{ postmaster: Postmaster; adopted: boolean }> {
  const { cluster } = place;
  const deadline = performance.now() + 60_000;
  let lastLines = "another process is starting or stopping it";
  while (performance.now() < deadline) {
    const running = await findPostmaster(dataFolder(cluster));
    if (running?.state === "ready") return { postmaster: running, adopted: true };
    if (running === undefined) {
      await removeStalePidFile(dataFolder(cluster));
      const outcome = await runPostmaster(place);
      if ("postmaster" in outcome) return { postmaster: outcome.postmaster, adopted: false };
      lastLines = outcome.failed;
    }
    await pause(20);
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL did not get ready on ${cluster.folder} within a minute:\n${lastLines}\n${remedyFor(lastLines)}`,
  );
}
