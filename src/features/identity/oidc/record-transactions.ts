import { AsyncLocalStorage } from "node:async_hooks";
import type { ControlledTransaction, Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/**
 * Which transaction the authorization server's models work in. oidc-provider calls its adapter without a place to pass
 * one, so it travels beside the call (AsyncLocalStorage): a log-in's tokens commit with its journal entry, and a
 * refresh is one deed.
 */
export type RecordTransactions = {
  /** The transaction of the work under way. Throws where there is none: nothing is written outside one. */
  current(): Promise<Transaction<Database>>;
  /** Runs `work` in the caller's transaction. */
  within<Result>(trx: Transaction<Database>, work: () => Promise<Result>): Promise<Result>;
  /**
   * Runs `work` in a transaction of its own, which begins when a record is first asked for (reading a slow client's
   * body holds no connection). It is kept when `work` resolves to true, and rolled back otherwise.
   */
  alone(work: () => Promise<boolean>): Promise<void>;
};

/** Makes the carrier of transactions. */
export function createRecordTransactions(db: Db): RecordTransactions {
  const storage = new AsyncLocalStorage<() => Promise<Transaction<Database>>>();
  return {
    current: async () => {
      const open = storage.getStore();
      if (!open) throw new Error("An oidc record was asked for outside a transaction.");
      return open();
    },
    within: (trx, work) => storage.run(() => Promise.resolve(trx), work),
    alone: async (work) => {
      let opened: Promise<ControlledTransaction<Database>> | undefined;
      let keep = false;
      try {
        keep = await storage.run(() => (opened ??= db.startTransaction().execute()), work);
      } finally {
        if (opened) await finish(opened, keep);
      }
    },
  };
}

/** Where the transaction could not even begin, `work` has met that error already. */
async function finish(opened: Promise<ControlledTransaction<Database>>, keep: boolean): Promise<void> {
  const trx = await opened.catch(() => undefined);
  if (keep) await trx?.commit().execute();
  else await trx?.rollback().execute();
}
