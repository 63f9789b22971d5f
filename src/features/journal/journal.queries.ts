import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { EntryColumns } from "./entry-text.ts";

/** Adds entries, in one statement. */
export async function insertEntries(
  trx: Transaction<Database>,
  rows: readonly (EntryColumns & { canonical: string })[],
): Promise<void> {
  await trx.insertInto("journal_entries").values(rows).execute();
}

/** Entries about one user, newest first, those with a lower seq than `before` where it is given. */
export async function listEntriesOfUser(db: Db, input: { userId: string; limit: number; before?: string }) {
  return db
    .selectFrom("journal_entries")
    .selectAll()
    .where("subject_kind", "=", "user")
    .where("subject_id", "=", input.userId)
    .$if(input.before !== undefined, (query) => query.where("seq", "<", sql<string>`${input.before}::bigint`))
    .orderBy("seq", "desc")
    .limit(input.limit)
    .execute();
}
