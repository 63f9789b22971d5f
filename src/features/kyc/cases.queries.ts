import { type Insertable, type Selectable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { Observation } from "./derive-session.ts";
import type { Verdict } from "./port.ts";
import { updateSession } from "./sessions.queries.ts";
import type { DeliveryKey, SessionRow } from "./tables.ts";

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
