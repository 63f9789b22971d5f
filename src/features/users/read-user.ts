import type { Db } from "../../foundation/database/index.ts";
import { userNotFound } from "./errors.ts";
import type { UserRow } from "./tables.ts";
import { findUser } from "./users.queries.ts";

/** One user. @throws user-not-found */
export async function getUser({ db }: { db: Db }, userId: string): Promise<UserRow> {
  const user = await findUser(db, userId);
  if (!user) throw userNotFound();
  return user;
}
