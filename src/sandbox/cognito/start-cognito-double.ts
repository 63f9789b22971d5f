import Fastify from "fastify";
import { registerApiRoutes } from "./api-routes.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createMailCode } from "./mail-code.ts";
import type { Pool } from "./pool.ts";
import { carefulSettings, type PoolSettings } from "./pool-settings.ts";
import { openPoolStore } from "./pool-store.ts";
import { registerScriptRoutes } from "./script-routes.ts";

/** How the Cognito double is set up. */
export type CognitoDoubleOptions = {
  /** 0 takes any free port. */
  port: number;
  host: string;
  /** Names of the pool and its client; made and kept where unset. */
  userPoolId?: string;
  clientId?: string;
  clientSecret?: string;
  /** `iss` of the tokens; the listening address with the pool's id when unset, as real pools have it. */
  issuer?: string;
  settings?: Partial<PoolSettings>;
  /** Where codes are mailed to; without it they show at GET /sandbox/codes only. */
  smtpUrl?: () => string;
  /** Keeps accounts, log-ins and keys across restarts. */
  stateFile?: string;
  clock?: { now(): Date };
};

/** A running double, and what a client needs to use it. */
export type CognitoDouble = {
  /** Its address: what COGNITO_ENDPOINT takes. */
  endpoint: string;
  region: string;
  userPoolId: string;
  clientId: string;
  clientSecret: string;
  issuer: string;
  /** Lets calls go wrong. */
  faults: Faults;
  close(): Promise<void>;
};

/**
 * Starts the double of Amazon Cognito user pools: one pool with one app client, over Cognito's own wire protocol, and a
 * JSON API for scripts under /sandbox. For sandbox mode and tests only.
 *
 * @throws the listening error, for example EADDRINUSE, after everything opened is closed again.
 */
export async function startCognitoDouble(options: CognitoDoubleOptions): Promise<CognitoDouble> {
  const settings = { ...carefulSettings, ...options.settings };
  const store = await openPoolStore(options.stateFile, { ...options, region: settings.region });
  const mailCode = createMailCode(options.smtpUrl);
  const { userPoolId, clientId, clientSecret } = store.identity;
  const pool: Pool = { settings, store, mailCode, clock: options.clock ?? { now: () => new Date() }, issuer: "" };
  const faults = createFaults();
  const app = Fastify({ logger: false, bodyLimit: 256 * 1024, requestTimeout: 30_000, forceCloseConnections: true });
  const close = async () => {
    await app.close();
    mailCode.close();
    store.close();
  };
  try {
    await app.register((room) => registerApiRoutes(room, { pool, faults }));
    await app.register((room) => registerScriptRoutes(room, { pool, faults }));
    const endpoint = await app.listen({ port: options.port, host: options.host });
    pool.issuer = options.issuer ?? `${endpoint}/${userPoolId}`;
    return {
      endpoint,
      region: settings.region,
      userPoolId,
      clientId,
      clientSecret,
      issuer: pool.issuer,
      faults,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
