import { findUserByEmail, lockUser } from "../users/index.ts";
import { findIdentity } from "./identities.queries.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { refundUnlessAsked } from "./refund-unless-asked.ts";
import { sendCode } from "./send-code.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";
import type { Charge } from "./throttle.ts";

/**
 * Sends a code that lets the owner of the mailbox choose a new password. Whether there is an account shows neither in
 * the answer nor in its time nor in the budgets. `email` is normalised.
 *
 * @throws too-many-requests, unavailable
 */
export async function requestPasswordReset(
  deps: IdentityDeps,
  { email, requestId }: { email: string; requestId: string },
): Promise<void> {
  const charges: Charge[] = [["reset codes", email]];
  await deps.throttles.charge(charges);
  // Before the clock starts: the pool takes the same time for known and unknown addresses, our record does not.
  await refundUnlessAsked(deps, charges, deps.provider.pool?.sendCode("reset-password", email));
  await takeAtLeast(discreetMilliseconds, async () => {
    const found = await findUserByEmail(deps.db, email);
    if (!found) return;
    await deps.db.transaction().execute(async (trx) => {
      const user = await lockUser(trx, found.user_id);
      if (user.status === "closed" || user.email !== email) return;
      if (!(await findIdentity(trx, user.user_id, deps.provider.name))) return;
      if (!deps.provider.pool) await sendCode(deps, trx, { user, purpose: "reset-password" });
      await deps.journal.record(trx, {
        actor: { kind: "anonymous", id: "anonymous" },
        action: "user.password-reset-requested",
        subject: { kind: "user", id: user.user_id },
        requestId,
      });
    });
  });
}
