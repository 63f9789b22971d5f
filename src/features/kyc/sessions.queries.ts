import { type Insertable, type Selectable, type SqlBool, sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { Observation } from "./derive-session.ts";
import type { ProviderName, Verdict } from "./port.ts";
import type { DeliveryKey, Purpose, SessionRow } from "./tables.ts";

/** Whose sessions are meant, where there can be one current one. */
export type SessionPlace = { userId: string; provider: ProviderName; purpose: Purpose };

/** The session with a provider's id, and whether a delivery of this content was taken in before; one query for both. */
export async function findSessionOfDelivery(
  db: Db,
  providerSessionId: string,
  { provider, contentHash, eventId }: DeliveryKey,
): Promise<{ session_id: string; user_id: string; seen: boolean } | undefined> {
  const { rows } = await sql<{ session_id: string; user_id: string; seen: boolean }>`/* prepared: session of delivery */
    select session_id, user_id, ${wasTakenIn({ provider, contentHash, eventId })} as seen
    from kyc_sessions where provider = ${provider} and (provider_session_id = ${providerSessionId} or session_id =
      (select session_id from kyc_session_names where provider = ${provider} and name = ${providerSessionId}))`.execute(
    db,
  );
  return rows[0];
}

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

/** What the decision on a delivery needs of a session. */
export type CaseSession = Pick<
  SessionRow,
  | "session_id"
  | "user_id"
  | "provider"
  | "purpose"
  | "state"
  | "provider_session_id"
  | "superseded_at"
  | "created_at"
  | "hint_waived"
>;

/** An observation as stored, with the delivery that told it; null where we asked the provider ourselves. */
export type HeldObservation = Observation & { deliveryId: string | null };

/** A session with all that was observed of it. */
export type ObservedSession = { session: CaseSession; observations: HeldObservation[] };

/**
 * A session, the present required sessions of its person with other providers, and whether a delivery of this content was
 * taken in before.
 */
export type FoundCase = ObservedSession & { others: ObservedSession[]; seen: boolean };

/**
 * One query, because every delivery asks it. The caller holds the user's lock, so that what it gives stays true. Its text
 * never changes, and no `*` is in it, so that the server plans it once.
 */
export async function getCase(
  trx: Transaction<Database>,
  sessionId: string,
  key: DeliveryKey | undefined,
): Promise<FoundCase> {
  const { rows } = await sql<StoredCase>`/* prepared: kyc case */
    select session_id, user_id, provider, purpose, state, provider_session_id, superseded_at, created_at, hint_waived,
      (select coalesce(json_agg(observation), '[]') from kyc_observations observation
        where observation.session_id = session.session_id) as observations,
      (select coalesce(json_agg(json_build_object('session', other, 'observations', (
          select coalesce(json_agg(observation), '[]') from kyc_observations observation
          where observation.session_id = other.session_id))), '[]')
        from kyc_sessions other where other.user_id = session.user_id and other.purpose = 'required'
        and other.superseded_at is null and other.state <> 'reserved' and other.provider <> session.provider) as others,
      ${wasTakenIn(key)} as seen
    from kyc_sessions session where session_id = ${sessionId}`.execute(trx);
  const [found] = rows;
  if (!found) throw new Error("A session that was found is gone; sessions are never deleted.");
  const { observations, others, seen, ...session } = found;
  return {
    session,
    observations: observations.map(toObservation),
    others: others.map((other) => ({
      session: { ...other.session, superseded_at: null, created_at: new Date(other.session.created_at) },
      observations: other.observations.map(toObservation),
    })),
    seen,
  };
}

type StoredCase = CaseSession & {
  observations: StoredObservation[];
  others: { session: Omit<CaseSession, "created_at"> & { created_at: string }; observations: StoredObservation[] }[];
  seen: boolean;
};

/** By the provider's own name of the event where it gives one; else, and for copies of one body, by the bytes. */
function wasTakenIn(key: DeliveryKey | undefined) {
  const [provider, hash, eventId] = [key?.provider ?? null, key?.contentHash ?? null, key?.eventId ?? null];
  return sql<boolean>`(exists (
    select from webhook_deliveries where provider = ${provider} and signature = 'valid' and content_hash = ${hash})
    or exists (select from webhook_deliveries where provider = ${provider} and signature = 'valid' and event_id = ${eventId}))`;
}

type StoredObservation = Pick<
  Selectable<Database["kyc_observations"]>,
  "delivery_id" | "attempt_id" | "provider_status" | "reason" | "reason_code" | "decision_time"
> & {
  kind: Observation["kind"];
  verdict: Verdict | null;
  observed_at: string;
};

function toObservation(row: StoredObservation): HeldObservation {
  return {
    deliveryId: row.delivery_id,
    kind: row.kind,
    attemptId: row.attempt_id,
    verdict: row.verdict,
    providerStatus: row.provider_status,
    reason: row.reason,
    reasonCode: row.reason_code,
    decisionTime: row.decision_time,
    observedAt: new Date(row.observed_at),
  };
}

/** An observation about to be stored, and what the session is then, where it changes. */
export type NewObservation = {
  row: Insertable<Database["kyc_observations"]>;
  changes: SessionChanges | undefined;
};

/** What an observation may change of its session, and when the provider is asked about it next. */
export type SessionChanges = Pick<
  SessionRow,
  | "state"
  | "verdict"
  | "provider_status"
  | "reason"
  | "reason_code"
  | "decision_time"
  | "updated_at"
  | "next_check_at"
  | "checks"
>;

/** Adds an observation of no delivery or of one that is stored already, or puts it in place of what that delivery told before. */
export async function putObservation(trx: Transaction<Database>, { row, changes }: NewObservation): Promise<void> {
  const { observation_id: _, delivery_id, session_id, ...told } = row;
  await trx
    .insertInto("kyc_observations")
    .values(row)
    .onConflict((conflict) => conflict.column("delivery_id").doUpdateSet(told))
    .execute();
  if (changes) await updateSession(trx, session_id, changes);
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
