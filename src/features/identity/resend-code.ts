import { findUserByEmail, lockUser } from "../users/index.ts";
import { codesArePools } from "./codes-are-pools.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { refundUnlessAsked } from "./refund-unless-asked.ts";
import { sendCode } from "./send-code.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";
import type { Charge } from "./throttle.ts";

/**
 * Sends a new confirmation code to a person who has not confirmed the address yet. Whether there is such a person
 * shows neither in the answer nor in its time nor in the budgets. `email` is normalised.
 *
 * @throws too-many-requests, unavailable
 */
export async function resendCode(
  deps: IdentityDeps,
  { email, requestId }: { email: string; requestId: string },
): Promise<void> {
  const charges: Charge[] = [
    ["confirmation codes in a row", email],
    ["confirmation codes", email],
  ];
  await deps.throttles.charge(charges);
  // Before the clock starts: the pool takes the same time for known and unknown addresses, our record does not.
  await refundUnlessAsked(deps, charges, deps.provider.pool?.sendCode("confirm-email", email));
  await takeAtLeast(discreetMilliseconds, async () => {
    const found = await findUserByEmail(deps.db, email);
    if (!found) return;
    await deps.db.transaction().execute(async (trx) => {
      const user = await lockUser(trx, found.user_id);
      if (user.status !== "pending" || user.email !== email) return;
      const sent = await codesArePools(deps, trx, user.user_id);
      if (!sent) await sendCode(deps, trx, { user, purpose: "confirm-email" });
      await deps.journal.record(trx, {
        actor: { kind: "anonymous", id: "anonymous" },
        action: "user.confirmation-code-resent",
        subject: { kind: "user", id: user.user_id },
        requestId,
      });
    });
  });
}
