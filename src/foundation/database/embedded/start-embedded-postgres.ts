import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { chooseAccount, findOwnerAccount } from "./choose-account.ts";
import { apiLogin, connectionUrl, ownerLogin } from "./connect-as.ts";
import { createCluster } from "./create-cluster.ts";
import { explainFailure } from "./embedded-postgres-error.ts";
import { type Binaries, findBinaries } from "./find-binaries.ts";
import { checkVersion, dataFolder, findCluster } from "./find-cluster.ts";
import { isPostmasterOf } from "./find-postmaster.ts";
import { findSocketFolder } from "./find-socket-folder.ts";
import { keepLock } from "./keep-lock.ts";
import { makeBinariesReachable } from "./make-binaries-reachable.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import type { Place } from "./run-postmaster.ts";
import { stopPostmaster } from "./stop-postmaster.ts";
import { type Held, takeServer } from "./take-server.ts";

/** A running embedded PostgreSQL that this process alone uses, until `stop` or its own end. */
export type EmbeddedPostgres = {
  /** Log-in of the superuser `usher_owner`, who migrates. */
  ownerUrl: string;
  /** Log-in of `usher_api`, who owns nothing. */
  apiUrl: string;
  /** True when PostgreSQL was still running from an Usher that was killed, and was taken over. */
  adopted: boolean;
  /** Stops PostgreSQL in order and waits for its end; further calls give the same promise. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  dataDir: string;
  settings?: Record<string, string>;
  onNotice?: (message: string) => void;
};

/** What differs between a real start and a test of one. */
export type Machine = { binaries: Binaries; sharedFolder: string };

/** Where root keeps databases: below /root, PostgreSQL's own account could not reach them. */
const sharedFolder = "/var/lib/usher";

/**
 * Starts the PostgreSQL that Usher brings along, in `dataDir` (created with mode 0700 where missing), and waits until
 * both roles can log in: about a second for a new database, some tenths for an existing one. A PostgreSQL left running by
 * a killed Usher is taken over. `settings` are server parameters on top of ours (`{ fsync: "off" }` in tests).
 * Raises EmbeddedPostgresError, with cause and remedy, when it cannot run or another live Usher uses the same data.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return startOnMachine({ binaries: await findBinaries(), sharedFolder }, options);
}

/** As startEmbeddedPostgres, with the binaries and the shared folder given. */
export async function startOnMachine(
  machine: Machine,
  { dataDir, settings = {}, onNotice = () => undefined }: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  try {
    const place = await preparePlace(machine, resolve(dataDir), settings);
    const held = await takeServer(resolve(dataDir), place);
    if (held.adopted) onNotice(`PostgreSQL was still running (process ${held.postmaster.pid}) and was taken over.`);
    return present(held, onNotice);
  } catch (error) {
    throw explainFailure(`The embedded PostgreSQL could not be started in ${resolve(dataDir)}`, error);
  }
}

/** Has a database in place: the one the pointer names, or a new one. */
async function preparePlace(machine: Machine, dataDir: string, settings: Record<string, string>): Promise<Place> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await removeLeftovers({ dataDir, sharedFolder: machine.sharedFolder });
  const found = await findCluster(dataDir);
  const account = found ? await findOwnerAccount(dataFolder(found)) : await chooseAccount();
  const { sharedFolder } = machine;
  const binaries = await makeBinariesReachable(machine.binaries, { account, sharedFolder });
  if (!found) await createCluster(dataDir, { binaries, account, sharedFolder, durable: settings.fsync !== "off" });
  const cluster = found ?? (await findCluster(dataDir));
  if (!cluster) throw new Error("the new database's pointer vanished");
  await checkVersion(cluster, binaries.version);
  const unix_socket_directories = (await findSocketFolder(cluster)) ?? "";
  return { cluster, binaries, account, settings: { unix_socket_directories, ...settings } };
}

function present({ place, postmaster, adopted, lock }: Held, onNotice: (message: string) => void): EmbeddedPostgres {
  const { cluster } = place;
  const { pid, port } = postmaster;
  const watch = keepLock(lock, {
    login: ownerLogin(cluster, { port, database: "postgres" }),
    isRunning: () => isPostmasterOf(pid, dataFolder(cluster)),
    onNotice,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    watch.letGo();
    stopped ??= stopPostmaster({ pid, dataFolder: dataFolder(cluster) });
    return stopped;
  };
  const socket = place.settings.unix_socket_directories || undefined;
  const ownerUrl = connectionUrl(ownerLogin(cluster, { port, database: "usher" }), socket);
  return { ownerUrl, apiUrl: connectionUrl(apiLogin(cluster, port), socket), adopted, stop };
}
