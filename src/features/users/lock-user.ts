import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { userNotFound } from "./errors.ts";
import type { UserRow } from "./tables.ts";
import { findUserForUpdate } from "./users.queries.ts";

/**
 * The user's row, locked until the transaction ends. Everything that changes a user begins here; with sessions, the
 * user is locked first and the session second, so that two of them never wait for each other.
 *
 * @throws user-not-found
 */
export async function lockUser(trx: Transaction<Database>, userId: string): Promise<UserRow> {
  const user = await findUserForUpdate(trx, userId);
  if (!user) throw userNotFound();
  return user;
}
