import { sql } from "kysely";
import type { Db } from "../../foundation/database/index.ts";

/** How often something may happen. See `throttle.ts` for what the numbers mean. */
export type Allowance = {
  free: number;
  windowSeconds: number;
  firstDelaySeconds: number | null;
  longestDelaySeconds: number;
};

/**
 * Counts one event in a bucket, unless the bucket is closed; gives false then, and counts nothing. One statement, so
 * that any number of contenders get through exactly as often as the allowance says.
 */
export async function countEvent(db: Db, bucket: Buffer, allowance: Allowance, now: Date): Promise<boolean> {
  const { free, windowSeconds, firstDelaySeconds, longestDelaySeconds } = allowance;
  const windowStart = new Date(now.getTime() - windowSeconds * 1000);
  const expired = sql`t.window_started_at <= ${windowStart}`;
  const count = sql`case when ${expired} then 1 else t.count + 1 end`;
  const started = sql`case when ${expired} then ${now}::timestamptz else t.window_started_at end`;
  const closedFrom = (counted: typeof count, since: typeof count) =>
    firstDelaySeconds === null
      ? sql`case when ${counted} >= ${free}::integer then ${since} + make_interval(secs => ${windowSeconds}::integer) end`
      : sql`case when ${counted} >= ${free}::integer then ${now}::timestamptz + make_interval(secs =>
          least(${firstDelaySeconds}::integer * power(2, least(${counted} - ${free}::integer, 30)), ${longestDelaySeconds}::integer)) end`;
  const { rows } = await sql`
    insert into throttles as t (bucket, count, window_started_at, blocked_until)
    values (${bucket}, 1, ${now}::timestamptz, ${closedFrom(sql`1`, sql`${now}::timestamptz`)})
    on conflict (bucket) do update
    set count = ${count}, window_started_at = ${started}, blocked_until = ${closedFrom(count, started)}
    where t.blocked_until is null or t.blocked_until <= ${now}
    returning 1`.execute(db);
  return rows.length === 1;
}

/** Until when a bucket is closed. */
export async function findClosedUntil(db: Db, bucket: Buffer): Promise<Date | undefined> {
  const row = await db.selectFrom("throttles").select("blocked_until").where("bucket", "=", bucket).executeTakeFirst();
  return row?.blocked_until ?? undefined;
}

/** Takes one counted event back and opens the bucket again: it was no failure after all. */
export async function uncountEvent(db: Db, bucket: Buffer): Promise<void> {
  await sql`update throttles set count = count - 1, blocked_until = null where bucket = ${bucket} and count > 0`.execute(
    db,
  );
}

/** Forgets a bucket. */
export async function deleteBucket(db: Db, bucket: Buffer): Promise<void> {
  await db.deleteFrom("throttles").where("bucket", "=", bucket).execute();
}

/** Forgets buckets whose window began before a moment and that are open at `now`; gives their number. */
export async function deleteBucketsStartedBefore(db: Db, moment: Date, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom("throttles")
    .where("window_started_at", "<", moment)
    .where((where) => where.or([where("blocked_until", "is", null), where("blocked_until", "<=", now)]))
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
