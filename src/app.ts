import type { FastifyInstance } from "fastify";
import { type ComposeOptions, composeRooms } from "./compose-rooms.ts";
import { portOf } from "./config.ts";
import { poolJobs, reloadTokenKeys } from "./features/identity/index.ts";
import { reconcileSessions } from "./features/kyc/index.ts";
import { deliverMessageJob } from "./features/notifications/index.ts";
import { listenForMetrics } from "./features/operations/index.ts";
import type { Repeated } from "./foundation/jobs/index.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import { prepareAdmin } from "./prepare-admin.ts";
import { repeatWork } from "./repeat-work.ts";
import { serveRooms } from "./serve-rooms.ts";
import type { Addresses } from "./welcome.ts";

/** Every kind of background work; each has a queue of its own. */
export const backgroundJobs = [deliverMessageJob, ...poolJobs] as const;

/** One Usher process, put together and not yet listening. */
export type Usher = Awaited<ReturnType<typeof createUsher>>;

type Options = ComposeOptions & {
  version: string;
  /** A database that is open already: tests bring theirs. */
  database?: OpenDatabase;
};

/** Puts one process together. A start that fails half-way closes what it had opened. */
export async function createUsher(options: Options) {
  const database = options.database ?? (await openDatabase(options.config, backgroundJobs, options.log));
  const opened: (() => Promise<void>)[] = [database.stop];
  try {
    return await compose(options, database, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

async function compose(options: Options, database: OpenDatabase, opened: (() => Promise<void>)[]) {
  let stopping = false;
  const rooms = await composeRooms(options, database, opened);
  const { app, metrics } = await serveRooms(rooms, { version: options.version, isStopping: () => stopping });
  const { config, db, jobs, sealer, sandbox, identity, kyc } = rooms;
  let repeated: Repeated[] = [];
  let metricsServer: FastifyInstance | undefined;
  return {
    app,
    db,
    jobs,
    sealer,
    sandbox,
    /** Asks providers about the sessions that are due; done twice a minute by itself. */
    reconcile: () => reconcileSessions(kyc),
    /** Signs and checks with the keys of the moment; done once a minute by itself. */
    reloadTokenKeys: () => reloadTokenKeys(identity),
    /** Listens, takes jobs, seals; gives where everything is. */
    start: async (): Promise<Addresses> => {
      await jobs.start({ work: config.USHER_ROLE !== "api" });
      const admin = await prepareAdmin(config, identity);
      repeated = repeatWork(rooms);
      const host = config.HOST;
      if (config.METRICS_PORT !== undefined)
        metricsServer = await listenForMetrics(metrics, { host, port: config.METRICS_PORT });
      const listening =
        config.USHER_ROLE === "worker" ? "nothing: worker only" : await app.listen({ host, port: portOf(config) });
      return {
        publicUrl: rooms.publicUrl,
        listening,
        veriffDouble: sandbox?.veriff.url,
        bridgeDouble: sandbox?.bridge.url,
        cognitoDouble: sandbox?.cognito?.endpoint,
        adminLink: admin && `${rooms.publicUrl}${admin}`,
        notices: [...database.notices, ...((await rooms.provider.pool?.checkSettings()) ?? [])],
      };
    },
    /** Finishes what runs within `graceSeconds`, takes nothing new, and lets go of everything. */
    stop: async (graceSeconds: number): Promise<void> => {
      stopping = true;
      await Promise.race([app.close(), new Promise((resolve) => setTimeout(resolve, graceSeconds * 1000).unref())]);
      // Whoever is not answered by now will not be; their connections must not keep the process.
      app.server.closeAllConnections();
      await metricsServer?.close();
      await jobs.stop(graceSeconds);
      await Promise.all(repeated.map((work) => work.stop()));
      rooms.mail.close();
      await sandbox?.close();
      await rooms.connection.close();
      await database.stop();
    },
  };
}
