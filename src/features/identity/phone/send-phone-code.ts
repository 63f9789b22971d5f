import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { getUser, lockUser, userNotFound } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { issueSecret } from "../issue-secret.ts";
import { phoneMissing, smsNotConfigured } from "./errors.ts";

/**
 * Sends a code to the number on the profile. The code is bound to that number, and the newest one counts. Where the
 * number is confirmed already nothing is sent.
 *
 * @throws sms-not-configured, phone-missing, too-many-requests, user-not-found
 */
export async function sendPhoneCode(
  deps: IdentityDeps,
  { caller, requestId }: { caller: UserCaller; requestId: string },
): Promise<void> {
  if (!deps.smsConfigured) throw smsNotConfigured();
  const { phone_number: number, phone_verified_at: verifiedAt } = await getUser(deps, caller.userId);
  if (number === null) throw phoneMissing();
  if (verifiedAt) return;
  await deps.throttles.charge([
    ["phone codes in a row", caller.userId],
    ["phone codes to a number", number],
    ["phone codes of an account", caller.userId],
  ]);
  await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    if (user.erased_at) throw userNotFound();
    // Changed or confirmed since we looked: the budget above was another number's.
    if (user.phone_number !== number || user.phone_verified_at) return;
    const binding = { purpose: "verify-phone", subject: user.user_id, boundTo: number } as const;
    const { secret, expiresAt, lifetimeSeconds } = await issueSecret(deps, trx, binding);
    await deps.messages.send(trx, {
      userId: user.user_id,
      template: "phone-code",
      to: number,
      values: { code: secret, expiresInMinutes: lifetimeSeconds / 60 },
      expiresAt,
    });
    await deps.journal.record(trx, {
      actor: actorOf(caller),
      action: "user.phone-code-sent",
      subject: { kind: "user", id: user.user_id },
      requestId,
    });
  });
}
