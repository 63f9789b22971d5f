import type { MailCode } from "./mail-code.ts";
import type { PoolSettings } from "./pool-settings.ts";
import type { PoolStore } from "./pool-store.ts";

/** The pool that the operations work on. */
export type Pool = {
  settings: PoolSettings;
  store: PoolStore;
  clock: { now(): Date };
  /** `iss` of the tokens. */
  issuer: string;
  mailCode: MailCode;
};

/** The JSON body of a call. */
export type CallBody = Record<string, unknown>;

/** One operation: reads the body, changes the pool, gives the answer. @throws Refusal */
export type Operation = (pool: Pool, body: CallBody) => Promise<object> | object;
