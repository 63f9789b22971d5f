import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { issueSecret } from "./issue-secret.ts";

/** Makes a code and its message, in the transaction of the deed that asks for it. Users without an address get none. */
export async function sendCode(
  deps: Pick<IdentityDeps, "clock" | "ids" | "hash" | "messages">,
  trx: Transaction<Database>,
  { user, purpose }: { user: UserRow; purpose: "confirm-email" | "reset-password" },
): Promise<void> {
  if (user.email === null) return;
  const { secret, expiresAt, lifetimeSeconds } = await issueSecret(deps, trx, { purpose, subject: user.user_id });
  await deps.messages.send(trx, {
    userId: user.user_id,
    template: purpose,
    to: user.email,
    values: { code: secret, expiresInMinutes: lifetimeSeconds / 60 },
    expiresAt,
  });
}
