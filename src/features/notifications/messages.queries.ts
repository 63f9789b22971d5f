import { type Insertable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

export async function insertMessages(
  trx: Transaction<Database>,
  rows: readonly Insertable<Database["messages"]>[],
): Promise<void> {
  await trx.insertInto("messages").values(rows).execute();
}

/** A message that still waits to be sent. */
export async function findQueuedMessage(db: Db, messageId: string) {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("message_id", "=", messageId)
    .where("status", "=", "queued")
    .executeTakeFirst();
}

/** Ends a queued message and wipes its content. A message that another try has ended meanwhile stays as it is. */
export async function endMessage(
  db: Db,
  messageId: string,
  end: { status: "sent" | "failed" | "expired"; sent_at?: Date; failure?: string },
): Promise<void> {
  await db
    .updateTable("messages")
    .set({ ...end, content: null, attempts: sql<number>`attempts + 1` })
    .where("message_id", "=", messageId)
    .where("status", "=", "queued")
    .execute();
}

/** Notes a try that may be repeated. */
export async function noteFailedTry(db: Db, messageId: string, failure: string): Promise<void> {
  await db
    .updateTable("messages")
    .set({ failure, attempts: sql<number>`attempts + 1` })
    .where("message_id", "=", messageId)
    .where("status", "=", "queued")
    .execute();
}

/** Wipes what is still to be sent to a person. */
export async function wipeMessages(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx
    .updateTable("messages")
    .set({ content: null, status: "failed", failure: "erased" })
    .where("user_id", "=", userId)
    .where("status", "=", "queued")
    .execute();
}
