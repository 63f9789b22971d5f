import { sql } from "kysely";
import type { Db } from "../../foundation/database/index.ts";
import type { CallerStanding } from "../users/index.ts";

/** Whose log-in is asked about. */
export type AskedLogin = { userId: string; grantId: string };

/** The person's standing, and whether the log-in is there: neither logged out, nor revoked, nor expired. */
export type CallerRow = Omit<CallerStanding, "user_id"> & {
  /** Which one of those asked about, from 1. */
  place: number;
  live: boolean;
};

/**
 * Many callers in one query; its text never changes, so that the server plans it once a connection: behind `(select …)` it
 * does not see how many they are, and `offset 0` has it look up each log-in by itself.
 */
export async function selectCallers(db: Db, asked: readonly AskedLogin[], now: Date): Promise<CallerRow[]> {
  const { rows } = await sql<CallerRow>`/* prepared: callers */
    select place::integer, id, role, type, status, erased_at, permissions, has_second_factor, live
    from unnest((select ${asked.map(({ userId }) => userId)}::uuid[]), (select ${asked.map(({ grantId }) => grantId)}::text[]))
      with ordinality as asked (user_id, grant_id, place)
    join caller_standings using (user_id)
    cross join lateral (
      select exists (select from oidc_records record
        where record.model = 'Grant' and record.grant_id = asked.grant_id and record.expires_at > ${now} offset 0) as live
    ) as log_in`.execute(db);
  return rows;
}
