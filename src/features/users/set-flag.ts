import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { Actor, Change, Journal } from "../journal/index.ts";
import { phoneTaken } from "./errors.ts";
import type { UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/** What a person achieves beside the status, each kept as the time of it; the gate shows them as flags. */
const flags = {
  phone: { column: "phone_verified_at", field: "phone_verified" },
  sca: { column: "sca_verified_at", field: "sca_verified" },
  questionnaire: { column: "additional_data_at", field: "additional_data" },
} as const;

export type UserFlag = keyof typeof flags;

/**
 * Sets or clears a flag with one journal entry; `action` says what led to it. The caller holds the user's lock. A flag
 * that is set already keeps its first time.
 *
 * @throws phone-already-verified when the number counts for somebody else; the transaction can then only be rolled back
 */
export async function setFlag(
  deps: { clock: Clock; journal: Journal },
  trx: Transaction<Database>,
  order: {
    user: UserRow;
    flag: UserFlag;
    reached: boolean;
    actor: Actor;
    action: string;
    /** Not personal. */
    also?: Record<string, Change>;
    personal?: { changes?: Record<string, Change>; reason?: string | null };
    requestId: string;
  },
): Promise<UserRow> {
  const { user, reached, also, personal } = order;
  const { column, field } = flags[order.flag];
  const now = deps.clock.now();
  const before = user[column] !== null;
  const changed =
    before === reached
      ? user
      : await updateUserRow(trx, user.user_id, { [column]: reached ? now : null }, now).catch(explainTaken);
  await deps.journal.record(trx, {
    actor: order.actor,
    action: order.action,
    subject: { kind: "user", id: user.user_id },
    changes: { [field]: { before, after: reached }, ...also },
    ...(personal ? { personal } : {}),
    requestId: order.requestId,
  });
  return changed;
}

function explainTaken(error: unknown): never {
  if ((error as { constraint?: string }).constraint === "users_verified_phone") throw phoneTaken({ cause: error });
  throw error;
}
