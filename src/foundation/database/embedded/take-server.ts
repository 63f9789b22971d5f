import { apiLogin, connectAs, isServerAway, ownerLogin } from "./connect-as.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { dataFolder } from "./find-cluster.ts";
import { hasArguments, type Postmaster } from "./find-postmaster.ts";
import { holdLock, type Lock } from "./hold-lock.ts";
import { prepareRoles } from "./prepare-roles.ts";
import { reachServer } from "./reach-server.ts";
import type { Place } from "./run-postmaster.ts";
import { parameterArguments } from "./server-arguments.ts";
import { stopPostmaster } from "./stop-postmaster.ts";

/** A server that this process holds the lock of. */
export type Held = { place: Place; postmaster: Postmaster; adopted: boolean; lock: Lock };

/**
 * Has a server run on the database, takes its lock, and brings its roles into being. Repeats for up to a minute when the
 * server goes away meanwhile: another Usher's orderly stop may be under way. Raises EmbeddedPostgresError, naming the
 * process, when another live Usher holds the lock.
 */
export async function takeServer(dataDir: string, place: Place): Promise<Held> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const server = await reachServer(place);
    try {
      const outcome = await lockAndPrepare(place, server.postmaster);
      if ("holder" in outcome) throw refusal(dataDir, outcome.holder);
      if (await hasArguments(server.postmaster.pid, parameterArguments(place.settings))) {
        return { place, ...server, lock: outcome.lock };
      }
      // Left running by an Usher with other parameters, such as a durability that we do not accept: run it anew.
      await stopServer(place, server.postmaster);
    } catch (error) {
      if (isServerAway(error) && performance.now() < deadline) continue;
      // Refused by the holder of the lock, the server is the holder's, even when it was started from here.
      if (!server.adopted && !(error instanceof EmbeddedPostgresError)) await stopServer(place, server.postmaster);
      throw error;
    }
  }
}

function refusal(dataDir: string, holder: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `Another Usher (process ${holder}) is already running on ${dataDir}: ` +
      "stop it first, or give this one a folder of its own with USHER_DATA_DIR.",
  );
}

function stopServer({ cluster }: Place, { pid }: Postmaster): Promise<void> {
  return stopPostmaster({ pid, dataFolder: dataFolder(cluster) });
}

async function lockAndPrepare({ cluster }: Place, { port }: Postmaster): Promise<{ lock: Lock } | { holder: number }> {
  const outcome = await holdLock(ownerLogin(cluster, { port, database: "postgres" }));
  if ("holder" in outcome) return outcome;
  try {
    await prepareRoles(outcome.lock.client, cluster);
    // Proves the second role's log-in, and that the server is not just about to stop: it would refuse newcomers.
    const api = await connectAs(apiLogin(cluster, port));
    await api.client.end();
    return outcome;
  } catch (error) {
    outcome.lock.socket.destroy();
    throw error;
  }
}
