import { sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { NewObservation } from "./cases.queries.ts";
import type { ProviderName, SignatureVerdict } from "./port.ts";
import type { DeliveryKey, DeliveryRow, Outcome } from "./tables.ts";

/** Stores a delivery, or counts it as a repeat of one that is there. The unique keys decide between parallel copies. */
export async function insertOrCountDelivery(db: Db, row: NewDelivery): Promise<{ fresh: boolean }> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("webhook_deliveries")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 1n) return { fresh: true };
  await countRepeats(db, keyOf(row), { copies: 1, now: row.last_received_at, signature: row.signature });
  return { fresh: false };
}

/** A delivery about to be stored. */
export type NewDelivery = Pick<
  DeliveryRow,
  "delivery_id" | "provider" | "received_at" | "last_received_at" | "content_hash" | "signature" | "outcome"
> & { headers: string } & Partial<
    Pick<
      DeliveryRow,
      | "event_id"
      | "raw_sealed"
      | "sealed_for"
      | "kind"
      | "provider_session_id"
      | "session_id"
      | "user_id"
      | "detail"
      | "applied_at"
    >
  >;

function keyOf(row: NewDelivery): DeliveryKey {
  return { provider: row.provider, contentHash: row.content_hash, eventId: row.event_id ?? undefined };
}

/**
 * Stores deliveries of which the caller knows, by the locks of their users, that they are the first of their content,
 * with what they told of their sessions: one statement, whose text never changes.
 */
export async function insertDeliveries(
  trx: Transaction<Database>,
  taken: readonly { row: NewDelivery; told: NewObservation | undefined }[],
): Promise<void> {
  const deliveries = taken.map(({ row }) => ({ ...row, content_hash: `\\x${row.content_hash.toString("hex")}` }));
  const observations = taken.flatMap(({ told }) => (told ? [told.row] : []));
  const changes = taken.flatMap(({ told }) =>
    told?.changes ? [{ session_id: told.row.session_id, ...told.changes }] : [],
  );
  await sql`/* prepared: take in deliveries */
    with stored as (
      insert into webhook_deliveries (delivery_id, provider, received_at, last_received_at, content_hash, event_id,
        signature, headers, raw_sealed, sealed_for, kind, provider_session_id, session_id, user_id, outcome, detail, applied_at)
      select delivery_id, provider, received_at, last_received_at, content_hash, event_id,
        signature, headers::jsonb, raw_sealed, sealed_for, kind, provider_session_id, session_id, user_id, outcome, detail, applied_at
      from json_to_recordset(${JSON.stringify(deliveries)}::json) as row(delivery_id uuid, provider text,
        received_at timestamptz, last_received_at timestamptz, content_hash bytea, event_id text, signature text, headers text,
        raw_sealed text, sealed_for uuid, kind text, provider_session_id text, session_id uuid, user_id uuid, outcome text,
        detail text, applied_at timestamptz)
    ), changed as (
      update kyc_sessions session set state = row.state, verdict = row.verdict, provider_status = row.provider_status,
        reason = row.reason, reason_code = row.reason_code, decision_time = row.decision_time, updated_at = row.updated_at,
        next_check_at = row.next_check_at, checks = row.checks
      from json_to_recordset(${JSON.stringify(changes)}::json) as row(session_id uuid, state text, verdict text,
        provider_status text, reason text, reason_code text, decision_time text, updated_at timestamptz,
        next_check_at timestamptz, checks integer)
      where session.session_id = row.session_id
        -- Says nothing new, but leads the planner to the index whatever it thinks of the rows above.
        and session.session_id = any ((select ${changes.map((change) => change.session_id)}::uuid[])::uuid[])
    )
    insert into kyc_observations (observation_id, delivery_id, session_id, kind, attempt_id, verdict, provider_status,
      reason, reason_code, decision_time, observed_at)
    select observation_id, delivery_id, session_id, kind, attempt_id, verdict, provider_status,
      reason, reason_code, decision_time, observed_at
    from json_to_recordset(${JSON.stringify(observations)}::json) as row(observation_id uuid, delivery_id uuid,
      session_id uuid, kind text, attempt_id text, verdict text, provider_status text, reason text, reason_code text,
      decision_time text, observed_at timestamptz)`.execute(trx);
}

/** Counts repeats of a delivery that was taken in before, and tells whose it is. */
export async function countRepeats(
  db: Db,
  { provider, contentHash, eventId }: DeliveryKey,
  { copies, now, signature = "valid" }: { copies: number; now: Date; signature?: SignatureVerdict },
): Promise<{ user_id: string | null }> {
  return db
    .updateTable("webhook_deliveries")
    .set({ repeats: sql<number>`repeats + ${copies}`, last_received_at: now })
    .where("provider", "=", provider)
    .where("signature", "=", signature)
    .where((where) =>
      eventId === undefined || signature !== "valid"
        ? where("content_hash", "=", contentHash)
        : where.or([where("content_hash", "=", contentHash), where("event_id", "=", eventId)]),
    )
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

/** Deliveries that came before their session, oldest first; not those whose body was removed meanwhile. */
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
    .where("raw_sealed", "is not", null)
    .orderBy("received_at")
    .orderBy("delivery_id")
    .forUpdate()
    .execute()) as DeliveryRow[];
}

/** One delivery with its sealed body. */
export async function findKept(db: Db, deliveryId: string): Promise<DeliveryRow | undefined> {
  const query = db.selectFrom("webhook_deliveries").selectAll().where("delivery_id", "=", deliveryId);
  return (await query.executeTakeFirst()) as DeliveryRow | undefined;
}

/** The same, locked until the transaction ends; the caller knows that it is there. */
export async function lockKept(trx: Transaction<Database>, deliveryId: string): Promise<DeliveryRow> {
  const query = trx.selectFrom("webhook_deliveries").selectAll().where("delivery_id", "=", deliveryId).forUpdate();
  return (await query.executeTakeFirstOrThrow()) as DeliveryRow;
}

/** Removes at most `limit` deliveries that were refused before a time; gives how many. */
export async function deleteRefusedBefore(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from webhook_deliveries where delivery_id in (
      select delivery_id from webhook_deliveries where outcome = 'refused' and received_at < ${before}
      order by received_at limit ${limit})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Empties at most `limit` bodies of nobody's that came before a time; row and hash stay for ever. Gives how many. */
export async function emptyUnownedBefore(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set raw_sealed = null where delivery_id in (
      select delivery_id from webhook_deliveries
      where sealed_for is null and raw_sealed is not null and received_at < ${before}
      order by received_at limit ${limit} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0n);
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
