import { type Insertable, sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { ProviderName } from "./port.ts";
import type { DeliveryRow, Outcome } from "./tables.ts";

/** Stores a delivery, or counts it as a repeat of one that is there. The unique key decides between parallel copies. */
export async function insertOrCountDelivery(
  trx: Db,
  row: Insertable<Database["webhook_deliveries"]>,
): Promise<{ fresh: boolean }> {
  const stored = await trx
    .insertInto("webhook_deliveries")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["provider", "signature", "content_hash"]).doUpdateSet({
        repeats: sql<number>`webhook_deliveries.repeats + 1`,
        last_received_at: row.last_received_at,
      }),
    )
    .returning("delivery_id")
    .executeTakeFirstOrThrow();
  return { fresh: stored.delivery_id === row.delivery_id };
}

/** Stores a delivery of which the caller knows, by the user's lock, that it is the first of its content. */
export async function insertDelivery(
  trx: Transaction<Database>,
  row: Insertable<Database["webhook_deliveries"]>,
): Promise<void> {
  await trx.insertInto("webhook_deliveries").values(row).execute();
}

/** Counts repeats of a delivery that was taken in before, and tells whose it is. */
export async function countRepeats(
  db: Db,
  provider: ProviderName,
  contentHash: Buffer,
  { copies, now }: { copies: number; now: Date },
): Promise<{ user_id: string | null }> {
  return db
    .updateTable("webhook_deliveries")
    .set({ repeats: sql<number>`repeats + ${copies}`, last_received_at: now })
    .where("provider", "=", provider)
    .where("signature", "=", "valid")
    .where("content_hash", "=", contentHash)
    .returning("user_id")
    .executeTakeFirstOrThrow();
}

export async function updateDelivery(
  trx: Transaction<Database>,
  deliveryId: string,
  changes: Updateable<Database["webhook_deliveries"]>,
): Promise<void> {
  await trx.updateTable("webhook_deliveries").set(changes).where("delivery_id", "=", deliveryId).execute();
}

/** Deliveries that came before their session, oldest first. */
export async function listUnmatched(
  trx: Transaction<Database>,
  provider: ProviderName,
  providerSessionId: string,
): Promise<DeliveryRow[]> {
  return (await trx
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("provider", "=", provider)
    .where("provider_session_id", "=", providerSessionId)
    .where("outcome", "=", "unmatched")
    .orderBy("received_at")
    .orderBy("delivery_id")
    .forUpdate()
    .execute()) as DeliveryRow[];
}

/** A delivery without its raw body, and its place in the list. */
export type ListedDelivery = Omit<DeliveryRow, "raw_sealed" | "sealed_for" | "headers"> & { place: string };

/** Everything an operator may see; never the raw body. */
const listedColumns = [
  "delivery_id",
  "provider",
  "received_at",
  "content_hash",
  "signature",
  "kind",
  "provider_session_id",
  "session_id",
  "user_id",
  "outcome",
  "detail",
  "applied_at",
  "repeats",
  "last_received_at",
] as const;

/** One page of the inbox, newest first. `after` is the place of the last one seen: microseconds as text. */
export async function listDeliveries(
  db: Db,
  filter: { outcome?: Outcome; limit: number; after?: { receivedAt: string; deliveryId: string } },
): Promise<ListedDelivery[]> {
  let query = db
    .selectFrom("webhook_deliveries")
    .select(listedColumns)
    .select(sql<string>`received_at::text`.as("place"))
    .orderBy("received_at", "desc")
    .orderBy("delivery_id", "desc")
    .limit(filter.limit);
  if (filter.outcome) query = query.where("outcome", "=", filter.outcome);
  if (filter.after) {
    const { receivedAt, deliveryId } = filter.after;
    query = query.where(sql<boolean>`(received_at, delivery_id) < (${receivedAt}::timestamptz, ${deliveryId}::uuid)`);
  }
  return (await query.execute()) as ListedDelivery[];
}

export async function findDelivery(db: Db, deliveryId: string): Promise<ListedDelivery | undefined> {
  return (await db
    .selectFrom("webhook_deliveries")
    .select(listedColumns)
    .select(sql<string>`received_at::text`.as("place"))
    .where("delivery_id", "=", deliveryId)
    .executeTakeFirst()) as ListedDelivery | undefined;
}
