import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { Journal } from "../journal/index.ts";
import type { LoginEnd } from "./oidc/index.ts";

/** Records that the token machinery ended a log-in by itself, such as after a refresh token was used twice. */
export async function recordLoginEnd(
  { journal }: { journal: Journal },
  trx: Transaction<Database>,
  { userId, reason }: { userId: string; reason: LoginEnd },
): Promise<void> {
  await journal.record(trx, {
    actor: { kind: "system", id: "tokens" },
    action: "user.login-ended",
    subject: { kind: "user", id: userId },
    changes: { reason: { before: null, after: reason } },
  });
}
