import type { FastifyInstance } from "fastify";
import { validate as validateUuid } from "uuid";
import { readPublicKey } from "./bridge-webhook-keys.ts";
import { checkpointsFileOf } from "./checkpoints-file.ts";
import { chooseProvider, poolIssuers, readCognito } from "./choose-provider.ts";
import { type Config, usesCognitoDouble } from "./config.ts";
import { type Caller, callerKey, permissionCatalogue } from "./features/access/index.ts";
import { createEkycRoutes, serveReturnPage } from "./features/ekyc-sessions/index.ts";
import {
  accountMayAct,
  bootstrapAdmin,
  createAuthenticate,
  createChain,
  createFindForeignCaller,
  createForeignTokenVerifier,
  createOperatorRule,
  createPoolAccounts,
  createThrottles,
  createTokenMachinery,
  deleteAbandonedLogIns,
  deleteExpiredRecords,
  deleteExpiredSecrets,
  deleteForeignLoginsBefore,
  deleteOldThrottles,
  findPrimaryWallets,
  forgetCredentials,
  handlePoolJobs,
  identityRoutes,
  issueLoginLink,
  openIdIssuer,
  passkeySiteOf,
  poolJobs,
  recordLoginEnd,
  reloadTokenKeys,
  repairSignUps,
  serveAuthorizationPage,
  walletRoutes,
} from "./features/identity/index.ts";
import { createJournal, createSealer } from "./features/journal/index.ts";
import {
  type BridgeAccount,
  createKyc,
  forgetIntroductions,
  forgetSessions,
  kycRoutes,
  listProviderHealth,
  pruneDeliveries,
  reconcileSessions,
} from "./features/kyc/index.ts";
import {
  createMailChannel,
  createMessages,
  createTwilioChannel,
  deliverMessage,
  deliverMessageJob,
  forgetMessages,
  type SmsChannel,
  type TwilioAccount,
} from "./features/notifications/index.ts";
import {
  createMetrics,
  listenForMetrics,
  operationsRoutes,
  providerRoutes,
  serveMetrics,
} from "./features/operations/index.ts";
import {
  administers,
  leaveAllOrganisations,
  listAdministeredOrganisations,
  organisationsRoutes,
} from "./features/organisations/index.ts";
import { createPersonKeys } from "./features/personal-data/index.ts";
import { forgetQuestionnaire, questionnaireRoutes } from "./features/questionnaire/index.ts";
import { arbitratorsRoutes, createGate, deleteEndedRetention, findUser, usersRoutes } from "./features/users/index.ts";
import type { Clock } from "./foundation/clock/index.ts";
import { loadSigningKeys } from "./foundation/crypto/index.ts";
import { connectDatabase, type Db, deleteExpiredAnswers, forgetAnswers } from "./foundation/database/index.ts";
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
import { createCallOutside } from "./foundation/outbound/index.ts";
import { loadKeys, loadTokenKeys } from "./keys.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import type { Addresses } from "./welcome.ts";

/** Every kind of background work; each has a queue of its own. */
export const backgroundJobs = [deliverMessageJob, ...poolJobs] as const;

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
  const sandbox = needsDoubles(config) ? await startDoubles(config, clock, db) : undefined;
  if (sandbox) opened.push(sandbox.close);
  const publicUrl = publicUrlOf(config);
  const keys = await loadKeys(config);
  const { seal, hash, cursors } = keys;

  const jobs = createJobs({ url: database.apiUrl, role: database.role, log });
  const personKeys = createPersonKeys({ clock, ids, wrappingKey: keys.wrappingKey });
  const journal = createJournal({ clock, ids, personKeys });
  const messages = createMessages({ clock, ids, jobs, personKeys });
  const mail = createMailChannel({ smtpUrl: config.SMTP_URL ?? sandbox?.smtpUrl ?? "", from: config.MAIL_FROM });
  const sms = chooseSms({ clock }, config, sandbox?.twilio);
  jobs.handle(deliverMessageJob, deliverMessage({ db, clock, log, mail, sms, personKeys }));

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
  const cognito = readCognito(config, sandbox?.cognito);
  const foreignTokens = createForeignTokenVerifier({ clock, callOutside: createCallOutside() }, [
    ...poolIssuers(cognito),
    ...config.TRUSTED_ISSUERS.map(openIdIssuer),
  ]);
  const provider = chooseProvider({ db, log, tokens, foreignTokens }, cognito);
  const poolAccounts = createPoolAccounts({ jobs, provider });
  handlePoolJobs({ db, jobs, provider });
  const identity = {
    db, clock, ids, hash, seal, log, journal, personKeys, messages, provider, throttles, tokens, publicUrl,
    foreignTokens, findForeignCaller: createFindForeignCaller({ db }), poolAccounts,
    passkeySite: passkeySiteOf(publicUrl), smsConfigured: sms !== undefined,
  }; // biome-ignore format: one glance
  const endSessions: typeof tokens.endSessions = async (trx, userId) => {
    await tokens.endSessions(trx, userId);
    await poolAccounts.align(trx, userId);
  };
  const restoreAccess = poolAccounts.align;

  const kyc = createKyc({
    db, clock, ids, log, seal, cursors, journal, personKeys, messages, endSessions, restoreAccess,
    requiredProviders: config.KYC_REQUIRED_PROVIDERS,
    veriff: {
      baseUrl: config.VERIFF_BASE_URL ?? sandbox?.veriff.url ?? "",
      apiKey: config.VERIFF_API_KEY ?? sandbox?.veriff.apiKey ?? "",
      sharedSecret: config.VERIFF_SHARED_SECRET ?? sandbox?.veriff.sharedSecret ?? "",
      previousSharedSecrets: config.VERIFF_PREVIOUS_SHARED_SECRET,
    },
    bridge: chooseBridge(config, sandbox?.bridge),
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
  metrics.watchProviders(() => listProviderHealth(kyc));
  let stopping = false;

  const routes: Route<Caller>[] = [
    ...identityRoutes(identity),
    ...usersRoutes({
      db, clock, ids, hash, seal, cursors, journal, personKeys, endSessions, restoreAccess,
      gate: createGate({ db }),
      listAdministeredOrganisations: (userId) => listAdministeredOrganisations(db, userId),
      administers: (caller, userId) => administers(db, caller.userId, userId),
      forgetPerson: async (trx, userId) => {
        await forgetCredentials({ tokens, poolAccounts }, trx, userId);
        await leaveAllOrganisations({ clock, ids, journal }, trx, userId);
        await forgetSessions(trx, userId);
        await forgetIntroductions(trx, userId);
        await forgetQuestionnaire(trx, userId);
        await forgetMessages(trx, userId);
        await forgetAnswers(trx, userId);
      },
    }), // biome-ignore format: one glance
    ...walletRoutes({
      ...identity,
      wallets: {
        publicUrl,
        chainIds: config.WALLET_CHAIN_IDS,
        bareNonce: config.WALLET_BARE_NONCE === "on",
        chain: config.CHAIN_RPC_URL
          ? createChain({ callOutside: createCallOutside(), rpcUrl: config.CHAIN_RPC_URL })
          : undefined,
      },
    }),
    ...arbitratorsRoutes({ db, clock, cursors, journal, findPrimaryWallets: (ids) => findPrimaryWallets(db, ids) }),
    ...organisationsRoutes({ db, clock, ids, seal, cursors, journal }),
    ...questionnaireRoutes({ db, clock, journal, personKeys }),
    ...kycRoutes(kyc),
    ...createEkycRoutes(kyc),
    ...operationsRoutes({ db, version, isStopping: () => stopping }),
    ...providerRoutes(kyc),
  ];
  const app = await createServer({ ids, log, publicUrl, trustProxy: config.TRUST_PROXY ?? false });
  const rateLimits = config.RATE_LIMITS === "off" ? unlimited : await createRateLimits(app);
  metrics.observe(app);
  await serveOpenApi(app, { version, publicUrl, permissions: permissionCatalogue });
  mountRoutes(app, routes, {
    authenticate: createAuthenticate(identity),
    callerKey,
    callerKind: (caller) => caller.kind,
    requireReady: createOperatorRule({ required: operatorsNeedSecondFactor(config) }),
    hash,
    rateLimits,
  });
  tokens.register(app, { rateLimits });
  serveAuthorizationPage(app, { db, publicUrl, rateLimits });
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
    await deleteForeignLoginsBefore(db, now);
    await deleteAbandonedLogIns({ db, clock });
    await pruneDeliveries({ db, clock });
  };
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
      await jobs.start({ work: works });
      const admin = await prepareAdmin(config, identity);
      repeated.push(every(60, "reload token keys", log, () => reloadTokenKeys(identity)));
      if (works)
        repeated.push(
          every(5, "seal the journal", log, () => sealer.sealNow()),
          every(30, "reconcile sessions", log, () => reconcileSessions(kyc)),
          every(600, "clean up", log, cleanUp),
          every(30, "repair sign-ups", log, () => repairSignUps(identity)),
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
        bridgeDouble: sandbox?.bridge.url,
        cognitoDouble: sandbox?.cognito?.endpoint,
        adminLink: admin && `${publicUrl}${admin}`,
        notices: [...database.notices, ...((await provider.pool?.checkSettings()) ?? [])],
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
async function startDoubles(config: Config, clock: Clock, db: Db) {
  const { startSandbox } = await import("./sandbox/index.ts");
  const host = config.HOST === "0.0.0.0" ? "127.0.0.1" : config.HOST;
  const port = config.SANDBOX_PORT ?? portOf(config) + 1;
  return startSandbox({
    host,
    port,
    dataDir: config.USHER_DATA_DIR,
    cognito: usesCognitoDouble(config),
    webhookUrl: `http://${host}:${portOf(config)}/users/webhook-kyc`,
    bridgeWebhookUrl: `http://${host}:${portOf(config)}/users/webhook/kyc`,
    clock,
    weather: config.SANDBOX_WEATHER,
    findFirstName: async (userId) =>
      (validateUuid(userId) ? (await findUser(db, userId))?.fname : undefined) ?? undefined,
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

/** Bridge, or its double; undefined where production was given no account. */
function chooseBridge(config: Config, double: BridgeDoubleAccount | undefined): BridgeAccount | undefined {
  const { BRIDGE_BASE_URL: baseUrl, BRIDGE_API_KEY: apiKey, BRIDGE_WEBHOOK_PUBLIC_KEYS: webhookKeys } = config;
  if (baseUrl !== undefined && apiKey !== undefined) return { baseUrl, apiKey, webhookKeys };
  return double && { baseUrl: double.url, apiKey: double.apiKey, webhookKeys: double.publicKeys.map(readPublicKey) };
}

type BridgeDoubleAccount = { url: string; apiKey: string; publicKeys: readonly string[] };

/** Twilio, or its double; undefined where production was given no account. */
function chooseSms(deps: { clock: Clock }, config: Config, double: TwilioAccountOfDouble): SmsChannel | undefined {
  const { SMS_BASE_URL, SMS_ACCOUNT_SID, SMS_AUTH_TOKEN, SMS_FROM } = config;
  const ours = SMS_ACCOUNT_SID &&
    SMS_AUTH_TOKEN &&
    SMS_FROM && {
      baseUrl: SMS_BASE_URL ?? "https://api.twilio.com",
      accountSid: SMS_ACCOUNT_SID,
      authToken: SMS_AUTH_TOKEN,
      from: SMS_FROM,
    };
  const account = ours || (double && { ...double, baseUrl: double.url });
  return account && createTwilioChannel({ ...deps, callOutside: createCallOutside() }, account);
}

type TwilioAccountOfDouble = (Omit<TwilioAccount, "baseUrl"> & { url: string }) | undefined;

/** Sandbox mode begins with a one-time link for trying things out; production with accounts worth protecting. */
function operatorsNeedSecondFactor({ REQUIRE_OPERATOR_SECOND_FACTOR: asked, USHER_MODE: mode }: Config): boolean {
  return (asked ?? (mode === "production" ? "on" : "off")) === "on";
}

function portOf(config: Config): number {
  return config.PORT ?? 8080;
}

/** In sandbox mode the loopback name that a browser and curl on this machine reach. */
function publicUrlOf(config: Config): string {
  return config.PUBLIC_URL ?? `http://localhost:${portOf(config)}`;
}
