import type { FastifyInstance } from "fastify";
import { checkpointsFileOf } from "./checkpoints-file.ts";
import type { Config } from "./config.ts";
import { type Caller, callerKey, permissionCatalogue } from "./features/access/index.ts";
import { createEkycRoutes, serveReturnPage } from "./features/ekyc-sessions/index.ts";
import {
  accountMayAct,
  bootstrapAdmin,
  createAuthenticate,
  createEmbeddedProvider,
  createThrottles,
  createTokenMachinery,
  deleteExpiredRecords,
  deleteExpiredSecrets,
  deleteOldThrottles,
  forgetCredentials,
  identityRoutes,
  issueLoginLink,
  recordLoginEnd,
} from "./features/identity/index.ts";
import { createJournal, createSealer } from "./features/journal/index.ts";
import { createKyc, forgetSessions, kycRoutes } from "./features/kyc/index.ts";
import {
  createMailChannel,
  createMessages,
  deliverMessage,
  deliverMessageJob,
  forgetMessages,
} from "./features/notifications/index.ts";
import { createMetrics, listenForMetrics, operationsRoutes, serveMetrics } from "./features/operations/index.ts";
import {
  administers,
  leaveAllOrganisations,
  listAdministeredOrganisations,
  organisationsRoutes,
} from "./features/organisations/index.ts";
import { createPersonKeys } from "./features/personal-data/index.ts";
import { createGate, deleteEndedRetention, usersRoutes } from "./features/users/index.ts";
import type { Clock } from "./foundation/clock/index.ts";
import { loadSigningKeys } from "./foundation/crypto/index.ts";
import { connectDatabase, deleteExpiredAnswers, forgetAnswers } from "./foundation/database/index.ts";
import {
  createRateLimits,
  createServer,
  mountRoutes,
  type Route,
  serveDocsPage,
  serveErrorPages,
  serveOpenApi,
  unlimited,
} from "./foundation/http/index.ts";
import type { Ids } from "./foundation/ids/index.ts";
import { createJobs, every, type Repeated } from "./foundation/jobs/index.ts";
import type { Logger } from "./foundation/logging/index.ts";
import { loadKeys, loadTokenKeys } from "./keys.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import type { Addresses } from "./welcome.ts";

/** Every kind of background work; each has a queue of its own. */
export const backgroundJobs = [deliverMessageJob] as const;

/** One Usher process, put together and not yet listening. */
export type Usher = Awaited<ReturnType<typeof createUsher>>;

type Options = {
  config: Config;
  log: Logger;
  clock: Clock;
  ids: Ids;
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

/** Keys, doubles, rooms, routes, and the work that repeats. What holds the process open is noted in `opened`. */
async function compose(
  { config, log, clock, ids, version }: Options,
  database: OpenDatabase,
  opened: (() => Promise<void>)[],
) {
  const connection = connectDatabase({
    url: database.apiUrl,
    role: database.role,
    poolSize: config.DATABASE_POOL_SIZE ?? 10,
    applicationName: "usher",
    log,
  });
  opened.push(connection.close);
  const { db } = connection;
  const sandbox = needsDoubles(config) ? await startDoubles(config, clock) : undefined;
  if (sandbox) opened.push(sandbox.close);
  const publicUrl = publicUrlOf(config);
  const keys = await loadKeys(config);
  const { seal, hash, cursors } = keys;

  const jobs = createJobs({ url: database.apiUrl, role: database.role, log });
  const personKeys = createPersonKeys({ clock, ids, wrappingKey: keys.wrappingKey });
  const journal = createJournal({ clock, ids, personKeys });
  const messages = createMessages({ clock, ids, jobs, personKeys });
  const mail = createMailChannel({ smtpUrl: config.SMTP_URL ?? sandbox?.smtpUrl ?? "", from: config.MAIL_FROM });
  jobs.handle(deliverMessageJob, deliverMessage({ db, clock, log, mail, personKeys }));

  const provider = createEmbeddedProvider();
  const throttles = createThrottles({ db, clock, hash }, { perSource: config.RATE_LIMITS === "on" });
  const signingKeys = await loadTokenKeys({ db, clock, keys });
  const tokens = createTokenMachinery({
    db,
    clock,
    log,
    hash,
    publicUrl,
    signingKeys,
    cookieKey: keys.cookieKey,
    accountMayAct,
    loginEnded: (trx, login) => recordLoginEnd({ journal }, trx, login),
  });
  const identity = { db, clock, ids, hash, seal, journal, personKeys, messages, provider, throttles, tokens };
  const { endSessions } = tokens;

  const kyc = createKyc({
    db, clock, ids, log, seal, cursors, journal, personKeys, endSessions,
    veriff: {
      baseUrl: config.VERIFF_BASE_URL ?? sandbox?.veriff.url ?? "",
      apiKey: config.VERIFF_API_KEY ?? sandbox?.veriff.apiKey ?? "",
      sharedSecret: config.VERIFF_SHARED_SECRET ?? sandbox?.veriff.sharedSecret ?? "",
    },
    callbacks: { publicUrl, origins: config.CALLBACK_ORIGINS, allowHttp: config.USHER_MODE === "sandbox" },
  }); // biome-ignore format: one glance
  const sealer = createSealer({
    db,
    clock,
    log,
    loadKey: async () => (await loadSigningKeys({ db, seal, clock }, "checkpoints"))[0],
    exportTo: checkpointsFileOf(config),
  });
  const metrics = createMetrics();
  let stopping = false;

  const routes: Route<Caller>[] = [
    ...identityRoutes(identity),
    ...usersRoutes({
      db, clock, ids, hash, seal, cursors, journal, personKeys, endSessions,
      gate: createGate({ db }),
      listAdministeredOrganisations: (userId) => listAdministeredOrganisations(db, userId),
      administers: (caller, userId) => administers(db, caller.userId, userId),
      forgetPerson: async (trx, userId) => {
        await forgetCredentials({ tokens }, trx, userId);
        await leaveAllOrganisations({ clock, ids, journal }, trx, userId);
        await forgetSessions(trx, userId);
        await forgetMessages(trx, userId);
        await forgetAnswers(trx, userId);
      },
    }), // biome-ignore format: one glance
    ...organisationsRoutes({ db, clock, ids, seal, cursors, journal }),
    ...kycRoutes(kyc),
    ...createEkycRoutes(kyc),
    ...operationsRoutes({ db, version, isStopping: () => stopping }),
  ];
  const app = await createServer({ ids, log, publicUrl, trustProxy: config.TRUST_PROXY ?? false });
  const rateLimits = config.RATE_LIMITS === "off" ? unlimited : await createRateLimits(app);
  metrics.observe(app);
  await serveOpenApi(app, { version, publicUrl, permissions: permissionCatalogue });
  mountRoutes(app, routes, {
    authenticate: createAuthenticate({ db, clock, tokens }),
    callerKey,
    callerKind: (caller) => caller.kind,
    hash,
    rateLimits,
  });
  tokens.register(app, { rateLimits });
  serveDocsPage(app);
  serveErrorPages(app);
  serveReturnPage(app);
  serveMetrics(app, metrics, { token: config.METRICS_TOKEN, open: config.USHER_MODE === "sandbox" });
  sandbox?.registerPages(app);
  await app.ready();

  const repeated: Repeated[] = [];
  const works = config.USHER_ROLE !== "api";
  const cleanUp = async () => {
    const now = clock.now();
    for (const forget of [deleteExpiredAnswers, deleteExpiredSecrets, deleteOldThrottles, deleteExpiredRecords])
      await forget({ db, clock });
    await deleteEndedRetention(db, now);
  };
  let metricsServer: FastifyInstance | undefined;
  return {
    app,
    db,
    jobs,
    sealer,
    sandbox,
    /** Listens, takes jobs, seals; gives where everything is. */
    start: async (): Promise<Addresses> => {
      await jobs.start({ work: works });
      const admin = await prepareAdmin(config, identity);
      if (works)
        repeated.push(
          every(5, "seal the journal", log, () => sealer.sealNow()),
          every(600, "clean up", log, cleanUp),
        );
      const host = config.HOST;
      if (config.METRICS_PORT !== undefined)
        metricsServer = await listenForMetrics(metrics, { host, port: config.METRICS_PORT });
      const listening =
        config.USHER_ROLE === "worker" ? "nothing: worker only" : await app.listen({ host, port: portOf(config) });
      return {
        publicUrl,
        listening,
        veriffDouble: sandbox?.veriff.url,
        adminLink: admin && `${publicUrl}${admin}`,
        notices: database.notices,
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
      mail.close();
      await sandbox?.close();
      await connection.close();
      await database.stop();
    },
  };
}

/** In sandbox mode, wherever an outside party is not configured. */
function needsDoubles(config: Config): boolean {
  return config.USHER_MODE === "sandbox" && !(config.VERIFF_BASE_URL && config.SMTP_URL);
}

/** The doubles of outside parties. Imported here and only here, and only in sandbox mode: production never loads them. */
async function startDoubles(config: Config, clock: Clock) {
  const { startSandbox } = await import("./sandbox/index.ts");
  const host = config.HOST === "0.0.0.0" ? "127.0.0.1" : config.HOST;
  const port = config.SANDBOX_PORT ?? portOf(config) + 1;
  return startSandbox({
    host,
    port,
    dataDir: config.USHER_DATA_DIR,
    webhookUrl: `http://${host}:${portOf(config)}/users/webhook-kyc`,
    clock,
  });
}

/** The first admin: from the configuration, or in sandbox mode one with a one-time link, whose path is given back. */
async function prepareAdmin(
  config: Config,
  identity: Parameters<typeof bootstrapAdmin>[0] & Parameters<typeof issueLoginLink>[0],
): Promise<string | undefined> {
  if (config.BOOTSTRAP_ADMIN_EMAIL) {
    await bootstrapAdmin(identity, { email: config.BOOTSTRAP_ADMIN_EMAIL, password: config.BOOTSTRAP_ADMIN_PASSWORD });
    return undefined;
  }
  if (!needsDoubles(config)) return undefined;
  const userId = await bootstrapAdmin(identity, { email: "admin@usher.example" });
  return `/sandbox/admin#${await issueLoginLink(identity, userId)}`;
}

function portOf(config: Config): number {
  return config.PORT ?? 8080;
}

/** In sandbox mode the loopback name that a browser and curl on this machine reach. */
function publicUrlOf(config: Config): string {
  return config.PUBLIC_URL ?? `http://localhost:${portOf(config)}`;
}
