import type { Rooms } from "./compose-rooms.ts";
import type { Config } from "./config.ts";
import { type Caller, callerKey, permissionCatalogue } from "./features/access/index.ts";
import { createEkycRoutes, serveReturnPage } from "./features/ekyc-sessions/index.ts";
import {
  createAuthenticate,
  createChain,
  createOperatorRule,
  findPrimaryWallets,
  forgetCredentials,
  identityRoutes,
  serveAuthorizationPage,
  walletRoutes,
} from "./features/identity/index.ts";
import { forgetIntroductions, forgetSessions, kycRoutes, listProviderHealth } from "./features/kyc/index.ts";
import { forgetMessages } from "./features/notifications/index.ts";
import { createMetrics, operationsRoutes, providerRoutes, serveMetrics } from "./features/operations/index.ts";
import {
  administers,
  leaveAllOrganisations,
  listAdministeredOrganisations,
  organisationsRoutes,
} from "./features/organisations/index.ts";
import { forgetQuestionnaire, questionnaireRoutes } from "./features/questionnaire/index.ts";
import { arbitratorsRoutes, createGate, type ForgetPerson, usersRoutes } from "./features/users/index.ts";
import { forgetAnswers } from "./foundation/database/index.ts";
import {
  answerUnknownPaths,
  createRateLimits,
  createServer,
  mountRoutes,
  type Route,
  serveDocsPage,
  serveErrorPages,
  serveOpenApi,
  unlimited,
} from "./foundation/http/index.ts";
import { createCallOutside } from "./foundation/outbound/index.ts";

type Served = { version: string; isStopping: () => boolean };

/** The HTTP server with every room's routes and pages, ready and not yet listening. */
export async function serveRooms(rooms: Rooms, { version, isStopping }: Served) {
  const { config, log, ids, connection, db, keys, publicUrl, identity, tokens, sandbox } = rooms;
  const metrics = createMetrics();
  metrics.watchProviders(() => listProviderHealth(rooms.kyc));
  const app = await createServer({ ids, log, publicUrl, trustProxy: config.TRUST_PROXY ?? false });
  const rateLimits = config.RATE_LIMITS === "off" ? unlimited : await createRateLimits(app);
  answerUnknownPaths(app, { rateLimits });
  metrics.observe(app);
  await serveOpenApi(app, { version, publicUrl, permissions: permissionCatalogue });
  mountRoutes(app, routesOf(rooms, { version, isStopping }), {
    authenticate: createAuthenticate({ ...identity, reads: connection.reads }),
    callerKey,
    callerKind: (caller) => caller.kind,
    requireReady: createOperatorRule({ required: operatorsNeedSecondFactor(config) }),
    hash: keys.hash,
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
  return { app, metrics };
}

/** Every route of every room. */
function routesOf(rooms: Rooms, { version, isStopping }: Served): Route<Caller>[] {
  const { config, clock, ids, db, journal, personKeys, identity, kyc, publicUrl, endSessions, restoreAccess } = rooms;
  const { hash, seal, cursors } = rooms.keys;
  return [
    ...identityRoutes(identity),
    ...usersRoutes({
      db, clock, ids, hash, seal, cursors, journal, personKeys, endSessions, restoreAccess,
      gate: createGate(rooms.connection),
      listAdministeredOrganisations: (userId) => listAdministeredOrganisations(db, userId),
      administers: (caller, userId) => administers(db, caller.userId, userId),
      forgetPerson: forgetPerson(rooms),
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
    ...operationsRoutes({ db, version, isStopping }),
    ...providerRoutes(kyc),
  ];
}

/** What every room does when a person is erased, in the transaction that erases them. */
function forgetPerson({ tokens, poolAccounts, clock, ids, journal }: Rooms): ForgetPerson {
  return async (trx, userId) => {
    await forgetCredentials({ tokens, poolAccounts }, trx, userId);
    await leaveAllOrganisations({ clock, ids, journal }, trx, userId);
    await forgetSessions(trx, userId);
    await forgetIntroductions(trx, userId);
    await forgetQuestionnaire(trx, userId);
    await forgetMessages(trx, userId);
    await forgetAnswers(trx, userId);
  };
}

/** Sandbox mode begins with a one-time link for trying things out; production with accounts worth protecting. */
function operatorsNeedSecondFactor({ REQUIRE_OPERATOR_SECOND_FACTOR: asked, USHER_MODE: mode }: Config): boolean {
  return (asked ?? (mode === "production" ? "on" : "off")) === "on";
}
