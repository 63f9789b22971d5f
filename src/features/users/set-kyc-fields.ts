import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import type { UserChanges, UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/** What the KYC room tells the user record of a session, beside the lifecycle. */
export type KycFields = Pick<
  UserChanges,
  | "kyc_session_id"
  | "kyc_status"
  | "kyc_submitted_at"
  | "kyc_approved_at"
  | "kyc_first_approved_at"
  | "kyc_failure_reason"
  | "optional_kyc_at"
  | "bridge_customer_id"
>;

/** Writes them. The caller holds the user's lock and records the journal entry of the deed. */
export async function setKycFields(
  deps: { clock: Clock },
  trx: Transaction<Database>,
  userId: string,
  fields: KycFields,
): Promise<UserRow> {
  return updateUserRow(trx, userId, fields, deps.clock.now());
}
