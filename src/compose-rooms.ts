import { checkpointsFileOf } from "./checkpoints-file.ts";
import { chooseBridge, chooseSms, chooseVeriff } from "./choose-accounts.ts";
import { chooseProvider, poolIssuers, readCognito } from "./choose-provider.ts";
import { type Config, publicUrlOf } from "./config.ts";
import {
  accountMayAct,
  createFindForeignCaller,
  createForeignTokenVerifier,
  createPoolAccounts,
  createThrottles,
  createTokenMachinery,
  handlePoolJobs,
  openIdIssuer,
  passkeySiteOf,
  recordLoginEnd,
} from "./features/identity/index.ts";
import { createJournal, createSealer } from "./features/journal/index.ts";
import { createKyc } from "./features/kyc/index.ts";
import {
  createMailChannel,
  createMessages,
  deliverMessage,
  deliverMessageJob,
} from "./features/notifications/index.ts";
import { createPersonKeys } from "./features/personal-data/index.ts";
import type { Clock } from "./foundation/clock/index.ts";
import { loadSigningKeys } from "./foundation/crypto/index.ts";
import { connectDatabase } from "./foundation/database/index.ts";
import type { Ids } from "./foundation/ids/index.ts";
import { createJobs } from "./foundation/jobs/index.ts";
import type { Logger } from "./foundation/logging/index.ts";
import { createCallOutside } from "./foundation/outbound/index.ts";
import { loadKeys, loadTokenKeys } from "./keys.ts";
import type { OpenDatabase } from "./open-database.ts";
import { needsDoubles, startDoubles } from "./start-doubles.ts";

/** What every process is made from. */
export type ComposeOptions = {
  config: Config;
  log: Logger;
  clock: Clock;
  ids: Ids;
};

/** Every room of one process, put together. */
export type Rooms = Awaited<ReturnType<typeof composeRooms>>;

/** Keys, doubles and rooms, each given what it needs of those below. What holds the process open is noted in `opened`. */
export async function composeRooms(
  { config, log, clock, ids }: ComposeOptions,
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
    foreignTokens, findForeignCaller: createFindForeignCaller({ db, clock }), poolAccounts,
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
    veriff: chooseVeriff(config, sandbox?.veriff),
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
  return {
    config, log, clock, ids, connection, db, sandbox, publicUrl, keys, jobs, personKeys, journal, messages, mail, tokens,
    provider, poolAccounts, identity, kyc, sealer, endSessions, restoreAccess,
  }; // biome-ignore format: one glance
}
