import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { Jobs } from "../../../foundation/jobs/index.ts";
import { findIdentity } from "../identities.queries.ts";
import type { IdentityProvider } from "../identity-provider.ts";
import { alignPoolAccountJob, deletePoolAccountJob, signOutOfPoolJob } from "./jobs.ts";
import { insertLeavingAccount } from "./leaving-accounts.queries.ts";

/**
 * What is to be done at an outside pool after a transaction commits: each is a job written in that transaction. Where
 * accounts are our own, or the person has none in the pool, nothing is written.
 */
export type PoolAccounts = {
  /** After a person lost or regained access. */
  align(trx: Transaction<Database>, userId: string): Promise<void>;
  signOutLater(trx: Transaction<Database>, subject: string): Promise<void>;
  /** Before the identity is forgotten: the account holds personal data, too. */
  deleteLater(trx: Transaction<Database>, userId: string): Promise<void>;
};

/** Makes it for one provider. */
export function createPoolAccounts(deps: { jobs: Jobs; provider: IdentityProvider }): PoolAccounts {
  const { jobs, provider } = deps;
  const subjectOf = async (trx: Transaction<Database>, userId: string) =>
    provider.pool ? (await findIdentity(trx, userId, provider.name))?.subject : undefined;
  return {
    align: async (trx, userId) => {
      if ((await subjectOf(trx, userId)) !== undefined) await jobs.enqueue(trx, alignPoolAccountJob, [{ userId }]);
    },
    signOutLater: (trx, subject) => jobs.enqueue(trx, signOutOfPoolJob, [{ subject }]),
    deleteLater: async (trx, userId) => {
      const subject = await subjectOf(trx, userId);
      if (subject === undefined) return;
      await insertLeavingAccount(trx, subject);
      await jobs.enqueue(trx, deletePoolAccountJob, [{ subject }]);
    },
  };
}
