import { sql } from "kysely";
import type { Db } from "../../foundation/database/index.ts";
import { silentAfterSeconds } from "./plan-check.ts";
import type { ProviderName } from "./port.ts";
import type { SessionState } from "./tables.ts";

/** A session about which the provider is to be asked. */
export type DueSession = {
  session_id: string;
  user_id: string;
  provider_session_id: string;
  state: SessionState;
  checks: number;
};

/**
 * Takes at most `limit` sessions that are due by a moment, the longest due first, and keeps them for `leaseUntil`: no other process takes the
 * same, and those of a process that dies are due again then.
 */
export async function claimDueSessions(
  db: Db,
  input: { provider: ProviderName; dueBy: Date; leaseUntil: Date; limit: number },
): Promise<DueSession[]> {
  const { rows } = await sql<DueSession>`
    update kyc_sessions set next_check_at = ${input.leaseUntil}
    where session_id in (
      select session_id from kyc_sessions
      where provider = ${input.provider} and next_check_at <= ${input.dueBy} and provider_session_id is not null
      order by next_check_at limit ${input.limit} for update skip locked)
    returning session_id, user_id, provider_session_id, state, checks`.execute(db);
  return rows;
}

/** Plans the next question; `checks` is how many were in vain. */
export async function setNextCheck(
  db: Db,
  sessionId: string,
  plan: { next_check_at: Date | null; checks: number },
): Promise<void> {
  await db.updateTable("kyc_sessions").set(plan).where("session_id", "=", sessionId).execute();
}

/** After an outage: whatever is open may have been decided meanwhile. Rows that are being changed just now pass. */
export async function makeOpenSessionsDue(db: Db, provider: ProviderName, now: Date): Promise<void> {
  await sql`update kyc_sessions set next_check_at = ${now}
    where session_id in (
      select session_id from kyc_sessions
      where provider = ${provider} and state in ('created', 'started', 'submitted')
        and (next_check_at is null or (next_check_at > ${now} and next_check_at < 'infinity')) for update skip locked)`.execute(
    db,
  );
}

/** Open sessions that a version without a plan wrote become due. */
export async function planUnplanned(db: Db, provider: ProviderName, now: Date): Promise<void> {
  await sql`update kyc_sessions set next_check_at = ${now}
    where session_id in (
      select session_id from kyc_sessions
      where provider = ${provider} and next_check_at is null and state in ('created', 'started', 'submitted')
      for update skip locked)`.execute(db);
}

/** What questions to a provider came to. */
export type CheckCounts = { asked: number; drifts: number; expired: number; unclear: number; failed: number };

/** Adds to what reconciliation found so far. */
export async function addToReconciliation(
  db: Db,
  provider: ProviderName,
  { now, counts }: { now: Date; counts: CheckCounts },
): Promise<void> {
  const { asked, drifts, expired, unclear, failed } = counts;
  const driftAt = drifts > 0 ? now : null;
  await sql`
    insert into kyc_reconciliations as kept (provider, last_run_at, asked, drifts, expired, unclear, failed, last_drift_at)
    values (${provider}, ${now}, ${asked}, ${drifts}, ${expired}, ${unclear}, ${failed}, ${driftAt})
    on conflict (provider) do update set last_run_at = excluded.last_run_at,
      asked = kept.asked + excluded.asked, drifts = kept.drifts + excluded.drifts,
      expired = kept.expired + excluded.expired, unclear = kept.unclear + excluded.unclear,
      failed = kept.failed + excluded.failed, last_drift_at = coalesce(excluded.last_drift_at, kept.last_drift_at)`.execute(
    db,
  );
}

/** What reconciliation found with one provider, over all processes and since the beginning. */
export type Reconciliation = CheckCounts & { lastRunAt: Date | null; lastDriftAt: Date | null };

export async function findReconciliation(db: Db, provider: ProviderName): Promise<Reconciliation> {
  const query = db.selectFrom("kyc_reconciliations").selectAll().where("provider", "=", provider);
  const row = await query.executeTakeFirst();
  return {
    asked: Number(row?.asked ?? 0),
    drifts: Number(row?.drifts ?? 0),
    expired: Number(row?.expired ?? 0),
    unclear: Number(row?.unclear ?? 0),
    failed: Number(row?.failed ?? 0),
    lastRunAt: row?.last_run_at ?? null,
    lastDriftAt: row?.last_drift_at ?? null,
  };
}

/** How many sessions are open at a provider, and of how many of them we heard nothing for too long. */
export async function countOpenSessions(
  db: Db,
  provider: ProviderName,
  now: Date,
): Promise<{ open: number; silent: number }> {
  const { created, started, submitted } = silentAfterSeconds;
  const { rows } = await sql<{ open: number; silent: number }>`
    select count(*)::int as open, (count(*) filter (where updated_at < ${now}::timestamptz - make_interval(secs =>
      case state when 'created' then ${created}::int when 'started' then ${started}::int else ${submitted}::int end)))::int
      as silent
    from kyc_sessions where provider = ${provider} and state in ('created', 'started', 'submitted')`.execute(db);
  return rows[0] ?? { open: 0, silent: 0 };
}
