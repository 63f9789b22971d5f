import type { Logger } from "../../../foundation/logging/index.ts";
import type { AccountPool, IdentityProvider } from "../identity-provider.ts";

/**
 * Ends an account's log-ins at the outside pool now, where it can be reached. Ours have ended or end with the caller's
 * transaction all the same, so that a failure is no reason to refuse; the caller then leaves it to the job.
 */
export async function signOutOfPool(
  deps: { log: Logger; provider: IdentityProvider },
  pool: AccountPool,
  subject: string,
): Promise<boolean> {
  try {
    await pool.endSessions(subject);
    return true;
  } catch (error) {
    deps.log.warn("the identity provider did not end the log-ins; a job will", { provider: deps.provider.name, error });
    return false;
  }
}
