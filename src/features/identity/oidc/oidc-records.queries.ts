import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** One record of the authorization server: its model's name and the keyed hash of its id. */
export type RecordKey = { model: string; idHash: Buffer };

/** A record as it is kept. */
export type KeptRecord = {
  payload: Record<string, unknown>;
  grantId: string | null;
  userId: string | null;
  uidHash: Buffer | null;
  expiresAt: Date | null;
};

/** A record as it is found. */
export type FoundRecord = { payload: Record<string, unknown>; consumedAt: Date | null };

/** Whose log-in a record belongs to. */
export type RecordOwner = { grantId: string; userId: string };

/** Keeps a record, or replaces what was kept under its id. */
export async function upsertRecord(trx: Transaction<Database>, key: RecordKey, record: KeptRecord): Promise<void> {
  const values = {
    payload: JSON.stringify(record.payload),
    grant_id: record.grantId,
    user_id: record.userId,
    uid_hash: record.uidHash,
    expires_at: record.expiresAt,
  };
  await trx
    .insertInto("oidc_records")
    .values({ model: key.model, id_hash: key.idHash, ...values })
    .onConflict((conflict) => conflict.columns(["model", "id_hash"]).doUpdateSet(values))
    .execute();
}

/**
 * The record, unless it has expired. `lock` waits for and keeps everyone else off it until the transaction ends: taken
 * on the Grant, it makes refreshes, reuse and log-out of one log-in happen one after the other.
 */
export async function findRecord(
  trx: Transaction<Database>,
  key: RecordKey,
  now: Date,
  lock: boolean,
): Promise<FoundRecord | undefined> {
  const row = await trx
    .selectFrom("oidc_records")
    .select(["payload", "consumed_at"])
    .where("model", "=", key.model)
    .where("id_hash", "=", key.idHash)
    .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]))
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  return row && { payload: row.payload as Record<string, unknown>, consumedAt: row.consumed_at };
}

/** The record with this session uid, unless it has expired. */
export async function findRecordByUid(
  trx: Transaction<Database>,
  model: string,
  uidHash: Buffer,
  now: Date,
): Promise<FoundRecord | undefined> {
  const row = await trx
    .selectFrom("oidc_records")
    .select(["payload", "consumed_at"])
    .where("uid_hash", "=", uidHash)
    .where("model", "=", model)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row && { payload: row.payload as Record<string, unknown>, consumedAt: row.consumed_at };
}

/** Whose log-in a record belongs to, expired or not. */
export async function findRecordOwner(trx: Transaction<Database>, key: RecordKey): Promise<RecordOwner | undefined> {
  const row = await trx
    .selectFrom("oidc_records")
    .select(["grant_id", "user_id"])
    .where("model", "=", key.model)
    .where("id_hash", "=", key.idHash)
    .executeTakeFirst();
  return row?.grant_id && row.user_id ? { grantId: row.grant_id, userId: row.user_id } : undefined;
}

/** Marks a record as used. One conditional statement: of any number at once, one gets true. */
export async function consumeRecord(trx: Transaction<Database>, key: RecordKey, now: Date): Promise<boolean> {
  const consumed = await trx
    .updateTable("oidc_records")
    .set({ consumed_at: now })
    .where("model", "=", key.model)
    .where("id_hash", "=", key.idHash)
    .where("consumed_at", "is", null)
    .executeTakeFirst();
  return consumed.numUpdatedRows === 1n;
}

/** Forgets one record. */
export async function deleteRecord(trx: Transaction<Database>, key: RecordKey): Promise<void> {
  await trx.deleteFrom("oidc_records").where("model", "=", key.model).where("id_hash", "=", key.idHash).execute();
}

/** Forgets the records of one model that belong to a log-in. */
export async function deleteRecordsOfGrant(trx: Transaction<Database>, model: string, grantId: string): Promise<void> {
  await trx.deleteFrom("oidc_records").where("grant_id", "=", grantId).where("model", "=", model).execute();
}

/**
 * Forgets a log-in with everything that came of it. The Grant is locked first, in a statement of its own, so that what
 * a refresh under way has just added is seen and goes too.
 */
export async function deleteLogin(trx: Transaction<Database>, grantId: string): Promise<void> {
  await sql`select 1 from oidc_records where grant_id = ${grantId} and model = 'Grant' for update`.execute(trx);
  await trx.deleteFrom("oidc_records").where("grant_id", "=", grantId).execute();
}

/** Forgets all log-ins of a person, but one where it is named; locks as `deleteLogin` does, always in the same order. */
export async function deleteLoginsOfUser(
  trx: Transaction<Database>,
  userId: string,
  keepGrantId?: string,
): Promise<void> {
  await sql`select 1 from oidc_records where user_id = ${userId} and model = 'Grant' order by grant_id for update`.execute(
    trx,
  );
  await trx
    .deleteFrom("oidc_records")
    .where("user_id", "=", userId)
    .$if(keepGrantId !== undefined, (query) =>
      query.where((where) => where.or([where("grant_id", "is", null), where("grant_id", "<>", String(keepGrantId))])),
    )
    .execute();
}

/**
 * Lets log-ins that were made with a second factor stand until a moment, and never longer than they may in all. Those
 * that have ended stay ended.
 */
export async function slideLogins(
  trx: Db | Transaction<Database>,
  grantIds: readonly string[],
  { until, now }: { until: Date; now: Date },
): Promise<void> {
  await sql`
    update oidc_records set expires_at = least(${until}::timestamptz, to_timestamp((payload ->> 'exp')::bigint))
    where model = 'Grant' and grant_id = any((select ${grantIds}::text[])::text[]) and expires_at > ${now}`.execute(
    trx,
  );
}

/** Forgets all log-ins that people gave an app. Our own client is no app: the index that serves this leaves it out. */
export async function deleteLoginsOfApp(trx: Transaction<Database>, clientId: string): Promise<void> {
  const ofApp = sql`payload ->> 'clientId' = ${clientId} and payload ->> 'clientId' <> 'usher'`;
  await sql`select 1 from oidc_records where ${ofApp} and model = 'Grant' order by grant_id for update`.execute(trx);
  await sql`delete from oidc_records where ${ofApp}`.execute(trx);
}

/** When these log-ins end, unless they are ended before; those that were ended are missing. */
export async function selectGrantEnds(
  db: Db,
  grantIds: readonly string[],
): Promise<{ grant_id: string; ends: Date }[]> {
  const { rows } = await sql<{ grant_id: string; ends: Date }>`/* prepared: grant ends */
    select grant_id, expires_at as ends from oidc_records
    where model = 'Grant' and grant_id = any((select ${grantIds}::text[])::text[]) and expires_at is not null`.execute(
    db,
  );
  return rows;
}

/** Of the records of one model with these ids, those that are kept. */
export async function selectKeptRecords(db: Db, model: string, idHashes: readonly Buffer[]): Promise<Buffer[]> {
  const { rows } = await sql<{ id_hash: Buffer }>`/* prepared: kept records */
    select id_hash from oidc_records
    where model = ${model} and id_hash = any((select ${idHashes}::bytea[])::bytea[])`.execute(db);
  return rows.map((row) => row.id_hash);
}

/** Keeps a record, unless one of that id is kept already: of any number at once, one gets true. */
export async function insertRecordOnce(
  trx: Transaction<Database>,
  key: RecordKey,
  record: { payload: Record<string, unknown>; expiresAt: Date },
): Promise<boolean> {
  const inserted = await trx
    .insertInto("oidc_records")
    .values({
      model: key.model,
      id_hash: key.idHash,
      payload: JSON.stringify(record.payload),
      expires_at: record.expiresAt,
    })
    .onConflict((conflict) => conflict.columns(["model", "id_hash"]).doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** Forgets at most `limit` records that ended before `now`; the number forgotten. */
export async function deleteRecordsThatEnded(trx: Transaction<Database>, now: Date, limit: number): Promise<number> {
  const ended = trx
    .selectFrom("oidc_records")
    .select(["model", "id_hash"])
    .where("expires_at", "<=", now)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const deleted = await trx
    .with("ended", () => ended)
    .deleteFrom("oidc_records")
    .using("ended")
    .whereRef("oidc_records.model", "=", "ended.model")
    .whereRef("oidc_records.id_hash", "=", "ended.id_hash")
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
