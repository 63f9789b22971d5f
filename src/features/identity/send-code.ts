import type { Transaction } from "kysely";
import { allOf, type Database } from "../../foundation/database/index.ts";
import type { UserRow } from "../users/index.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { makeSecret } from "./issue-secret.ts";
import { replaceSecret } from "./one-time-secrets.queries.ts";

/** Makes a code and its message, in the transaction of the deed that asks for it. Users without an address get none. */
export async function sendCode(
  deps: Pick<IdentityDeps, "clock" | "ids" | "hash" | "messages">,
  trx: Transaction<Database>,
  { user, purpose }: { user: UserRow; purpose: "confirm-email" | "reset-password" },
): Promise<void> {
  if (user.email === null) return;
  const { issued, row } = makeSecret(deps, { purpose, subject: user.user_id });
  const message = {
    userId: user.user_id,
    template: purpose,
    to: user.email,
    values: { code: issued.secret, expiresInMinutes: issued.lifetimeSeconds / 60 },
    expiresAt: issued.expiresAt,
  };
  await allOf([replaceSecret(trx, row), deps.messages.send(trx, message)]);
}
