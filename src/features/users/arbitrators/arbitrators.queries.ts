import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** `external`: registered by themselves; `verified`: after an operator's due diligence. */
export type Verification = "external" | "verified";

/** One arbitrator with what participants of an agreement are shown. */
export type ArbitratorRow = {
  user_id: string;
  fname: string | null;
  lname: string | null;
  country: string | null;
  website: string | null;
  additional_info: string | null;
  verification: Verification;
  verified_at: Date | null;
};

/** A place in the list; microseconds as text. */
export type ArbitratorPlace = { verifiedAt: string; userId: string };

/** Keeps that a user offers to arbitrate; an entry that is there stays as it is. */
export async function insertArbitrator(trx: Transaction<Database>, userId: string, now: Date): Promise<void> {
  await sql`
    insert into arbitrators (user_id, created_at, updated_at) values (${userId}, ${now}, ${now})
    on conflict (user_id) do update set updated_at = excluded.updated_at`.execute(trx);
}

/** Sets what due diligence came to; undefined where the user is no arbitrator. */
export async function updateVerification(
  trx: Transaction<Database>,
  userId: string,
  verification: Verification,
  facts: { by: string; now: Date },
): Promise<Verification | undefined> {
  const verified = verification === "verified";
  const { rows } = await sql<{ before: Verification }>`
    update arbitrators a
    set verification = ${verification}, verified_at = ${verified ? facts.now : null}::timestamptz,
      verified_by = ${verified ? facts.by : null}::text, updated_at = ${facts.now}
    from (select user_id, verification as before from arbitrators where user_id = ${userId} for update) held
    where a.user_id = held.user_id returning held.before`.execute(trx);
  return rows[0]?.before;
}

export async function deleteArbitrator(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("arbitrators").where("user_id", "=", userId).execute();
}

/** Who may be offered: arbitrators by account type whose account lets them act and whose address is confirmed. */
const offered = sql`u.account_type = 'arbitrator' and u.erased_at is null and u.email_verified_at is not null
  and u.status in ('not_verified', 'pending_verification', 'active')`;

const columns = sql`a.user_id, u.fname, u.lname, u.country, u.website, u.additional_info, a.verification, a.verified_at`;

/** A page of verified arbitrators, the newest verification first. */
export async function listVerifiedArbitrators(
  db: Db,
  limit: number,
  after?: ArbitratorPlace,
): Promise<(ArbitratorRow & { place: string })[]> {
  const beyond = after
    ? sql`and (a.verified_at < ${after.verifiedAt}::timestamptz
        or a.verified_at = ${after.verifiedAt}::timestamptz and a.user_id > ${after.userId}::uuid)`
    : sql``;
  const { rows } = await sql<ArbitratorRow & { place: string }>`
    select ${columns}, a.verified_at::text as place from arbitrators a join users u using (user_id)
    where a.verification = 'verified' and ${offered} ${beyond}
    order by a.verified_at desc, a.user_id limit ${limit}`.execute(db);
  return rows;
}

/** Arbitrators, external ones included, with exactly this e-mail address and this full name; both lower-cased. */
export async function findArbitratorRows(
  db: Db,
  wanted: { email?: string; name?: string },
  limit: number,
): Promise<ArbitratorRow[]> {
  const byEmail = wanted.email === undefined ? sql`` : sql`and u.email = ${wanted.email}`;
  const byName = wanted.name === undefined ? sql`` : sql`and lower(u.fname || ' ' || u.lname) = ${wanted.name}`;
  const { rows } = await sql<ArbitratorRow>`
    select ${columns} from arbitrators a join users u using (user_id)
    where ${offered} ${byEmail} ${byName}
    order by a.verification desc, a.user_id limit ${limit}`.execute(db);
  return rows;
}
