import { type Insertable, type Selectable, type SqlBool, sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { Observation } from "./derive-session.ts";
import type { ProviderName, Verdict } from "./port.ts";
import type { DeliveryKey, Purpose, SessionRow } from "./tables.ts";

/** Whose sessions are meant, where there can be one current one. */
export type SessionPlace = { userId: string; provider: ProviderName; purpose: Purpose };

/** Whose session a delivery is about, and whether one of this content was taken in before. */
export type DeliveryOwner = { session_id: string; user_id: string; seen: boolean };

/** The sessions with a provider's ids, in the order asked; one query for all. Undefined where no session has the id. */
export async function findSessionsOfDeliveries(
  db: Db,
  asked: readonly { providerSessionId: string; key: DeliveryKey }[],
): Promise<(DeliveryOwner | undefined)[]> {
  const keys = asked.map(({ key }) => key);
  const { rows } = await sql<DeliveryOwner & { place: string }>`/* prepared: sessions of deliveries */
    select place, session_id, user_id, ${wasTakenIn} as seen
    from ${askedFor(keys)} join unnest((select ${asked.map((one) => one.providerSessionId)}::text[])) with ordinality
      as named(provider_session_id, place) using (place)
    join kyc_sessions session on session.session_id = coalesce(
      (select own.session_id from kyc_sessions own
        where own.provider = asked.provider and own.provider_session_id = named.provider_session_id),
      (select known.session_id from kyc_session_names known
        where known.provider = asked.provider and known.name = named.provider_session_id))`.execute(db);
  const byPlace = new Map(rows.map(({ place, ...owner }) => [Number(place) - 1, owner]));
  return asked.map((_, index) => byPlace.get(index));
}

/** As {@link findSessionsOfDeliveries}, for one. */
export async function findSessionOfDelivery(
  db: Db,
  providerSessionId: string,
  key: DeliveryKey,
): Promise<DeliveryOwner | undefined> {
  return (await findSessionsOfDeliveries(db, [{ providerSessionId, key }]))[0];
}

/**
 * The keys of deliveries as rows `asked(provider, content_hash, event_id, place)`, in parameters of fixed number. Behind
 * `(select …)` the planner does not see how many there are; it would plan anew each time, for longer than the query takes.
 */
function askedFor(keys: readonly (DeliveryKey | undefined)[]) {
  const providers = keys.map((key) => key?.provider ?? null);
  const hashes = keys.map((key) => key?.contentHash ?? null);
  const eventIds = keys.map((key) => key?.eventId ?? null);
  return sql`unnest((select ${providers}::text[]), (select ${hashes}::bytea[]), (select ${eventIds}::text[])) with ordinality
    as asked(provider, content_hash, event_id, place)`;
}

/**
 * By the provider's own name of the event where it gives one; else, and for copies of one body, by the bytes. `offset 0`
 * keeps the planner from reading the whole inbox once instead of a row of the index each.
 */
const wasTakenIn = sql<boolean>`(exists (
    select from webhook_deliveries known
    where known.provider = asked.provider and known.signature = 'valid' and known.content_hash = asked.content_hash offset 0)
  or exists (
    select from webhook_deliveries known
    where known.provider = asked.provider and known.signature = 'valid' and known.event_id = asked.event_id offset 0))`;

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
 * The cases of several sessions, in the order asked. One query for all, because every delivery asks it; its text never
 * changes, and no `*` is in it, so that the server plans it once. The caller holds the locks of the users, so that what it
 * gives stays true.
 */
export async function getCases(
  trx: Transaction<Database>,
  asked: readonly { sessionId: string; key: DeliveryKey | undefined }[],
): Promise<FoundCase[]> {
  const sessionIds = asked.map(({ sessionId }) => sessionId);
  const { rows } = await sql<StoredCase>`/* prepared: kyc cases */
    select session_id, user_id, session.provider, purpose, state, provider_session_id, superseded_at, created_at,
      hint_waived,
      (select coalesce(json_agg(observation), '[]') from kyc_observations observation
        where observation.session_id = session.session_id) as observations,
      (select coalesce(json_agg(json_build_object('session', other, 'observations', (
          select coalesce(json_agg(observation), '[]') from kyc_observations observation
          where observation.session_id = other.session_id))), '[]')
        from kyc_sessions other where other.user_id = session.user_id and other.purpose = 'required'
        and other.superseded_at is null and other.state <> 'reserved' and other.provider <> session.provider) as others,
      ${wasTakenIn} as seen
    from ${askedFor(asked.map(({ key }) => key))}
    join unnest((select ${sessionIds}::uuid[])) with ordinality as named(session_id, place) using (place)
    join kyc_sessions session using (session_id)`.execute(trx);
  const found = new Map(rows.map((row) => [row.session_id, toCase(row)]));
  return sessionIds.map((sessionId) => {
    const one = found.get(sessionId);
    if (!one) throw new Error("A session that was found is gone; sessions are never deleted.");
    return one;
  });
}

/** As {@link getCases}, for one. */
export async function getCase(
  trx: Transaction<Database>,
  sessionId: string,
  key: DeliveryKey | undefined,
): Promise<FoundCase> {
  const [found] = await getCases(trx, [{ sessionId, key }]);
  return found as FoundCase;
}

function toCase({ observations, others, seen, ...session }: StoredCase): FoundCase {
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
