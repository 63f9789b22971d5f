import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { emailTaken } from "./errors.ts";
import type { NewUserRow, UserRow } from "./tables.ts";
import { insertUserRow } from "./users.queries.ts";

/** What a registration decides; the rest has its beginning state. */
export type NewUser = Omit<
  NewUserRow,
  "id" | "status_since" | "updated_at" | "version" | "erased_at" | "status_before" | "status_by"
> & {
  created_at: Date;
};

/**
 * Inserts a user. The unique index on the e-mail address decides races: one wins, the others are refused.
 *
 * @throws email-already-exists
 */
export async function insertUser(trx: Transaction<Database>, user: NewUser): Promise<UserRow> {
  return mapTakenEmail(insertUserRow(trx, { ...user, status_since: user.created_at, updated_at: user.created_at }));
}

/** Tells what the unique index on the e-mail address says in our words. @throws email-already-exists */
export async function mapTakenEmail(writing: Promise<UserRow>): Promise<UserRow> {
  try {
    return await writing;
  } catch (error) {
    if ((error as { constraint?: string }).constraint === "users_email_key") throw emailTaken({ cause: error });
    throw error;
  }
}
