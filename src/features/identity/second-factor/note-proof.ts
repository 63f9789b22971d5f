import type { Transaction } from "kysely";
import { addSeconds, type Clock } from "../../../foundation/clock/index.ts";
import type { Database } from "../../../foundation/database/index.ts";
import { tokenLifetimes } from "../oidc/token-lifetimes.ts";
import { noteSecondFactor } from "../trusted-issuers/index.ts";

/** Notes that the second factor was proven in a log-in at an outside pool; from now on five idle minutes end it. */
export async function noteProof(
  { clock }: { clock: Clock },
  trx: Transaction<Database>,
  { login, userId }: { login: string; userId: string },
): Promise<void> {
  const idleUntil = addSeconds(clock.now(), tokenLifetimes.idleSeconds);
  await noteSecondFactor(trx, { login, userId, idleUntil });
}
