import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { Change } from "../../journal/index.ts";
import type { UserRow } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { sendCode } from "../send-code.ts";

/** Fields that tell something about the person: sealed in the journal. */
const personalFields = [
  "email",
  "fname",
  "lname",
  "phone_number",
  "country",
  "region",
  "city",
  "address1",
  "address2",
  "postal_code",
  "website",
  "additional_info",
] as const;

/**
 * Records a profile, mails a code to an address that is new, and a welcome the first time. The code is ours, whatever the
 * identity provider: wallets have no account there.
 */
export async function tellOfProfile(
  deps: Pick<IdentityDeps, "clock" | "ids" | "hash" | "messages" | "journal">,
  trx: Transaction<Database>,
  { before, after, requestId }: { before: UserRow; after: UserRow; requestId: string },
): Promise<void> {
  const first = before.profile_completed_at === null;
  const newAddress = before.email !== after.email;
  const changed = changesOf(before, after, personalFields);
  await deps.journal.record(trx, {
    actor: { kind: "user", id: after.user_id },
    action: first ? "user.profile-completed" : "user.profile-changed",
    subject: { kind: "user", id: after.user_id },
    changes: {
      ...changesOf(before, after, ["account_type"]),
      ...(newAddress ? { confirmation_code: { before: null, after: "sent" } } : {}),
    },
    personal: { changes: changed },
    requestId,
  });
  if (newAddress) await sendCode(deps, trx, { user: after, purpose: "confirm-email" });
  if (first && after.email)
    await deps.messages.send(trx, { userId: after.user_id, template: "welcome", to: after.email, values: {} });
}

function changesOf(before: UserRow, after: UserRow, fields: readonly (keyof UserRow)[]): Record<string, Change> {
  const changed = fields.filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changed.map((field) => [field, { before: before[field], after: after[field] }]));
}
