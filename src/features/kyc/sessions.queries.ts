import { type Insertable, type SqlBool, sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { ProviderName } from "./port.ts";
import type { Purpose, SessionRow } from "./tables.ts";

/** Whose sessions are meant, where there can be one current one. */
export type SessionPlace = { userId: string; provider: ProviderName; purpose: Purpose };

export async function getSession(db: Db, sessionId: string): Promise<SessionRow> {
  const query = db.selectFrom("kyc_sessions").selectAll().where("session_id", "=", sessionId);
  return (await query.executeTakeFirstOrThrow()) as SessionRow;
}

/** The session that counts, and the reservation of one to come. */
export async function listPresentSessions(trx: Transaction<Database>, place: SessionPlace): Promise<SessionRow[]> {
  return (await trx
    .selectFrom("kyc_sessions")
    .selectAll()
    .where("user_id", "=", place.userId)
    .where("provider", "=", place.provider)
    .where("purpose", "=", place.purpose)
    .where("superseded_at", "is", null)
    .execute()) as SessionRow[];
}

export async function findSessionByRequestKey(db: Db, requestKey: Buffer): Promise<SessionRow | undefined> {
  return (await db.selectFrom("kyc_sessions").selectAll().where("request_key", "=", requestKey).executeTakeFirst()) as
    | SessionRow
    | undefined;
}

/** Every session of a person that the provider knows of, newest first. */
export async function listSessions(db: Db, userId: string): Promise<SessionRow[]> {
  return (await db
    .selectFrom("kyc_sessions")
    .selectAll()
    .where("user_id", "=", userId)
    .where("state", "!=", "reserved")
    .orderBy("created_at", "desc")
    .orderBy("session_id", "desc")
    .execute()) as SessionRow[];
}

/**
 * The people who have a session, in the order of their first one: who comes later stands at the end, so that pages by
 * number stay what they were. A page is counted off along an index of nothing but first sessions; where the version
 * before left open which one is first, a look at the person's others tells.
 */
export async function listPeopleWithSessions(
  db: Db,
  { limit, start }: { limit: number; start: number },
): Promise<string[]> {
  const { rows } = await sql<{ user_id: string }>`
    select user_id from kyc_sessions session
    where state <> 'reserved' and is_first is not false and case when is_first then true else not exists (
      select from kyc_sessions earlier
      where earlier.user_id = session.user_id and earlier.state <> 'reserved' and earlier.session_id < session.session_id)
    end
    order by session_id limit ${limit} offset ${start}`.execute(db);
  return rows.map((row) => row.user_id);
}

/** Every session of many people that the provider knows of, newest first. */
export async function listSessionsOfPeople(db: Db, userIds: readonly string[]): Promise<SessionRow[]> {
  return (await db
    .selectFrom("kyc_sessions")
    .selectAll()
    .where(sql<SqlBool>`user_id = any(${userIds}::uuid[])`)
    .where("state", "!=", "reserved")
    .orderBy("created_at", "desc")
    .orderBy("session_id", "desc")
    .execute()) as SessionRow[];
}

/** False when another session was made with the same request key. */
export async function insertReservation(
  trx: Transaction<Database>,
  row: Insertable<Database["kyc_sessions"]>,
): Promise<boolean> {
  const inserted = await trx
    .insertInto("kyc_sessions")
    .values(row)
    .onConflict((conflict) => conflict.column("request_key").where("request_key", "is not", null).doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** The session with a provider's id, whatever came of it. */
export async function findSessionByProviderId(
  db: Db,
  provider: ProviderName,
  providerSessionId: string,
): Promise<SessionRow | undefined> {
  return (await db
    .selectFrom("kyc_sessions")
    .selectAll()
    .where("provider", "=", provider)
    .where("provider_session_id", "=", providerSessionId)
    .executeTakeFirst()) as SessionRow | undefined;
}

export async function insertSession(
  trx: Transaction<Database>,
  row: Insertable<Database["kyc_sessions"]>,
): Promise<void> {
  await trx.insertInto("kyc_sessions").values(row).execute();
}

export async function updateSession(
  trx: Transaction<Database>,
  sessionId: string,
  changes: Updateable<Database["kyc_sessions"]>,
): Promise<void> {
  await trx.updateTable("kyc_sessions").set(changes).where("session_id", "=", sessionId).execute();
}

const isFirst = sql<boolean>`not exists (
  select from kyc_sessions other where other.user_id = kyc_sessions.user_id and other.state <> 'reserved')`;

/** Turns a reservation into a session. False when somebody else took the reservation over meanwhile. */
export async function fillReservation(
  trx: Transaction<Database>,
  sessionId: string,
  changes: Updateable<Database["kyc_sessions"]>,
): Promise<boolean> {
  const filled = await trx
    .updateTable("kyc_sessions")
    .set({ ...changes, is_first: isFirst })
    .where("session_id", "=", sessionId)
    .where("state", "=", "reserved")
    .executeTakeFirst();
  return filled.numUpdatedRows === 1n;
}

export async function deleteReservation(db: Db, sessionId: string): Promise<void> {
  await db.deleteFrom("kyc_sessions").where("session_id", "=", sessionId).where("state", "=", "reserved").execute();
}

/** Notes a further id of a session; false where it was known. */
export async function insertSessionName(
  trx: Transaction<Database>,
  row: Insertable<Database["kyc_session_names"]>,
): Promise<boolean> {
  const inserted = await trx
    .insertInto("kyc_session_names")
    .values(row)
    .onConflict((conflict) => conflict.columns(["provider", "name"]).doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** Held until the transaction ends: a delivery for a session and that session's birth never miss each other. */
export async function lockProviderSession(
  trx: Transaction<Database>,
  provider: ProviderName,
  providerSessionId: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`kyc session ${provider} ${providerSessionId}`}, 0))`.execute(
    trx,
  );
}

/**
 * Takes out what says something about an erased person; what is sealed with their key is unreadable already. Nobody is
 * asked about them any more.
 */
export async function forgetSessions(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx
    .updateTable("kyc_sessions")
    .set({
      reason: null,
      link_sealed: null,
      next_check_at: sql`'infinity'`,
      original_request: sql`original_request - 'callback'`,
    })
    .where("user_id", "=", userId)
    .execute();
  await sql`update kyc_observations set reason = null
    where session_id in (select session_id from kyc_sessions where user_id = ${userId})`.execute(trx);
}
