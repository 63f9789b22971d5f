import type { Db } from "../../../foundation/database/index.ts";
import type { Jobs } from "../../../foundation/jobs/index.ts";
import type { IdentityProvider } from "../identity-provider.ts";
import { alignAccount } from "./align-account.ts";
import { alignPoolAccountJob, deletePoolAccountJob, signOutOfPoolJob } from "./jobs.ts";
import { deleteLeavingAccount } from "./leaving-accounts.queries.ts";

/** Every kind of work at an outside pool; the queues are there whatever the provider, since it may change. */
export const poolJobs = [alignPoolAccountJob, signOutOfPoolJob, deletePoolAccountJob] as const;

/** Registers the handlers. Without a pool there is nothing left to do at it. */
export function handlePoolJobs(deps: { db: Db; jobs: Jobs; provider: IdentityProvider }): void {
  const { jobs, provider } = deps;
  const { pool } = provider;
  jobs.handle(alignPoolAccountJob, async ({ userId }) => {
    if (pool) await alignAccount(deps, pool, userId);
  });
  jobs.handle(signOutOfPoolJob, async ({ subject }) => pool?.endSessions(subject));
  jobs.handle(deletePoolAccountJob, async ({ subject }) => {
    await pool?.deleteAccount(subject);
    await deleteLeavingAccount(deps.db, subject);
  });
}
