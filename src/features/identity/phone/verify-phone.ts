import type { UserCaller } from "../../access/index.ts";
import { actorOf } from "../../journal/index.ts";
import { isPhoneTaken, lockUser, phoneTaken, setFlag } from "../../users/index.ts";
import { consumeSecret } from "../consume-secret.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { Charge } from "../throttle.ts";
import { invalidPhoneCode } from "./errors.ts";

/**
 * Confirms the number on the profile with the code that was sent to it. A number counts for one person: that another
 * one has it confirmed is told only to who holds the phone, and not whose it is. `code` is trimmed.
 *
 * @throws invalid-phone-code, phone-already-verified, too-many-requests, user-not-found
 */
export async function verifyPhone(
  deps: IdentityDeps,
  { caller, code, source, requestId }: { caller: UserCaller; code: string; source: string; requestId: string },
): Promise<void> {
  const charges: Charge[] = [["code tries by source", source]];
  await deps.throttles.charge(charges);
  const outcome = await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    const number = user.phone_number ?? "";
    const binding = { purpose: "verify-phone", subject: user.user_id, boundTo: number } as const;
    if ((await consumeSecret(deps, trx, { ...binding, secret: code })) === "refused") return "refused";
    if (await isPhoneTaken(trx, number)) return "taken";
    await setFlag(deps, trx, {
      user,
      flag: "phone",
      reached: true,
      actor: actorOf(caller),
      action: "user.phone-verified",
      requestId,
    });
    return "verified";
  });
  // After the commit: the try stays counted, and a code that was right stays used.
  if (outcome === "refused") throw invalidPhoneCode();
  await deps.throttles.refund(charges);
  if (outcome === "taken") throw phoneTaken();
}
