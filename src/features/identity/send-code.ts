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
  const { email: to, user_id: userId } = user;
  await issueSecret(deps, trx, { purpose, subject: userId }, ({ secret, expiresAt, lifetimeSeconds }) => {
    const values = { code: secret, expiresInMinutes: lifetimeSeconds / 60 };
    return deps.messages.send(trx, { userId, template: purpose, to, values, expiresAt });
  });
}
