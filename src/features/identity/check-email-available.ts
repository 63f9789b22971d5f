import { isEmailTaken } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { discreetMilliseconds, takeAtLeast } from "./take-at-least.ts";

/**
 * Whether an e-mail address is free. That it is taken is told by contract, so that asking is budgeted by source and by
 * address, and the time does not tell more. `email` is normalised.
 *
 * @throws too-many-requests
 */
export async function checkEmailAvailable(
  deps: Pick<IdentityDeps, "db" | "throttles">,
  { email, source }: { email: string; source: string },
): Promise<boolean> {
  await deps.throttles.charge([
    ["availability by source", source],
    ["availability by address", email],
  ]);
  return takeAtLeast(discreetMilliseconds, async () => !(await isEmailTaken(deps.db, email)));
}
