import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database } from "../../foundation/database/index.ts";
import { mapTakenEmail } from "./insert-user.ts";
import type { UserChanges, UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/** What the wallet API's profile decides; the lifecycle and rights are not among it. */
export type ProfileChanges = Pick<
  UserChanges,
  | "email"
  | "fname"
  | "lname"
  | "phone_number"
  | "country"
  | "region"
  | "city"
  | "address1"
  | "address2"
  | "postal_code"
  | "account_type"
  | "website"
  | "additional_info"
  | "profile_completed_at"
>;

/**
 * Writes a profile; another phone number loses the flag of the verified one. The caller holds the user's lock and has
 * checked what may be changed.
 *
 * @throws email-already-exists
 */
export async function writeProfile(
  { clock }: { clock: Clock },
  trx: Transaction<Database>,
  user: UserRow,
  changes: ProfileChanges,
): Promise<UserRow> {
  const phoneChanges = changes.phone_number !== undefined && changes.phone_number !== user.phone_number;
  const also: UserChanges = phoneChanges ? { phone_verified_at: null } : {};
  return mapTakenEmail(updateUserRow(trx, user.user_id, { ...changes, ...also }, clock.now()));
}
