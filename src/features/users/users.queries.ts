import { type Expression, type Insertable, type SqlBool, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { UserRole, UserType } from "../access/index.ts";
import type { UserStatus } from "../lifecycle/index.ts";
import type { NewUserRow, UserChanges, UserRow } from "./tables.ts";

export async function insertUserRow(trx: Transaction<Database>, row: NewUserRow): Promise<UserRow> {
  return (await trx.insertInto("users").values(row).returningAll().executeTakeFirstOrThrow()) as UserRow;
}

export async function findUser(db: Db, userId: string): Promise<UserRow | undefined> {
  return (await db.selectFrom("users").selectAll().where("user_id", "=", userId).executeTakeFirst()) as
    | UserRow
    | undefined;
}

/** `email` as stored: trimmed and lower-cased. */
export async function findUserByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  return (await db.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst()) as
    | UserRow
    | undefined;
}

/** Whether a user has the address; `email` as stored. */
export async function isEmailTaken(db: Db, email: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`/* prepared: email taken */
    select exists (select from users where email = ${email}) as taken`.execute(db);
  return rows[0]?.taken === true;
}

/** Takes the row's lock first, so that two changes of one user come one after the other. */
export async function findUserForUpdate(trx: Transaction<Database>, userId: string): Promise<UserRow | undefined> {
  return (await trx.selectFrom("users").selectAll().where("user_id", "=", userId).forUpdate().executeTakeFirst()) as
    | UserRow
    | undefined;
}

/** Locks those of many users that nobody else has locked, without waiting for the others: what is missing is held. */
export async function findFreeUsersForUpdate(
  trx: Transaction<Database>,
  userIds: readonly string[],
): Promise<UserRow[]> {
  return (await trx
    .selectFrom("users")
    .selectAll()
    .where(sql<SqlBool>`user_id = any(${userIds}::uuid[])`)
    .forUpdate()
    .skipLocked()
    .execute()) as UserRow[];
}

/** Keeps the row as it is until the transaction ends; others may keep it so, too. */
export async function findUserForShare(trx: Transaction<Database>, userId: string): Promise<UserRow | undefined> {
  return (await trx.selectFrom("users").selectAll().where("user_id", "=", userId).forShare().executeTakeFirst()) as
    | UserRow
    | undefined;
}

/** Writes columns, moves `version` on. The caller holds the row's lock. */
export async function updateUserRow(
  trx: Transaction<Database>,
  userId: string,
  changes: UserChanges,
  now: Date,
): Promise<UserRow> {
  return (await trx
    .updateTable("users")
    .set({ ...changes, updated_at: now, version: sql<number>`version + 1` })
    .where("user_id", "=", userId)
    .returningAll()
    .executeTakeFirstOrThrow()) as UserRow;
}

/** Whether a number is confirmed for anybody. */
export async function isPhoneTaken(db: Db, number: string): Promise<boolean> {
  const row = await db
    .selectFrom("users")
    .select("id")
    .where("phone_number", "=", number)
    .where("phone_verified_at", "is not", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** What every request re-reads of its caller. */
export type CallerStanding = {
  id: number;
  user_id: string;
  role: UserRole;
  type: UserType;
  status: UserStatus;
  erased_at: Date | null;
  permissions: string[];
  has_second_factor: boolean;
};

/** Many callers in one query; its text never changes, so that the server plans it once. */
export async function findStandings(db: Db, userIds: readonly string[]): Promise<CallerStanding[]> {
  const { rows } = await sql<CallerStanding>`/* prepared: caller standings */
    select id, user_id, role, type, status, erased_at, permissions, sca_verified_at is not null as has_second_factor
    from users where user_id = any((select ${userIds}::uuid[])::uuid[])`.execute(db);
  return rows;
}

/** What the gate answers from. */
export type GateFacts = {
  id: number;
  status: UserStatus;
  email_verified: boolean;
  phone_verified: boolean;
  sca_verified: boolean;
  additional_data: boolean;
  optional_kyc: boolean;
};

/** Many users of the gate in one query, by their int32 ids. */
export async function findGateFacts(db: Db, ids: readonly number[]): Promise<GateFacts[]> {
  const { rows } = await sql<GateFacts>`/* prepared: gate facts */
    select id, status, email_verified_at is not null as email_verified, phone_verified_at is not null as phone_verified,
      sca_verified_at is not null as sca_verified, additional_data_at is not null as additional_data,
      optional_kyc_at is not null as optional_kyc
    from users where id = any((select ${ids}::integer[])::integer[])`.execute(db);
  return rows;
}

/** What a list is narrowed to. */
export type UserFilter = {
  orgId?: string;
  /** Where set, only members of these organisations: the scope of an org-admin. */
  withinOrgIds?: readonly string[];
  statuses?: readonly UserStatus[];
  role?: UserRole;
  type?: UserType;
  /** Start of a name, an e-mail address or a phone number; lower-cased. */
  prefix?: string;
};

/** A place in the list: newest first, the id breaks ties. Microseconds as text: a Date would cut them. */
export type UserPlace = { createdAt: string; id: number };

function filterConditions(filter: UserFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [sql<SqlBool>`erased_at is null`];
  if (filter.orgId) conditions.push(sql<SqlBool>`org_ids @> array[${filter.orgId}::uuid]`);
  if (filter.withinOrgIds) conditions.push(sql<SqlBool>`org_ids && ${filter.withinOrgIds}::uuid[]`);
  if (filter.statuses) conditions.push(sql<SqlBool>`status = any(${filter.statuses}::text[])`);
  if (filter.role) conditions.push(sql<SqlBool>`role = ${filter.role}`);
  if (filter.type) conditions.push(sql<SqlBool>`type = ${filter.type}`);
  if (filter.prefix) {
    const pattern = `${filter.prefix.replace(/[\\%_]/g, "\\$&")}%`;
    conditions.push(
      sql<SqlBool>`(email like ${pattern} or lower(fname) like ${pattern} or lower(lname) like ${pattern} or phone_number like ${pattern})`,
    );
  }
  return conditions;
}

/** One page, newest first. */
export async function listUserRows(
  db: Db,
  filter: UserFilter,
  limit: number,
  after?: UserPlace,
): Promise<(UserRow & { place: string })[]> {
  const conditions = filterConditions(filter);
  if (after) conditions.push(sql<SqlBool>`(created_at, id) < (${after.createdAt}::timestamptz, ${after.id}::integer)`);
  return (await db
    .selectFrom("users")
    .selectAll()
    .select(sql<string>`created_at::text`.as("place"))
    .where((where) => where.and(conditions))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute()) as (UserRow & { place: string })[];
}

/** Counts up to `most` exactly; beyond it, the planner's estimate. */
export async function countUserRows(
  db: Db,
  filter: UserFilter,
  most: number,
): Promise<{ total: number; estimated: boolean }> {
  const matching = db
    .selectFrom("users")
    .select(sql<number>`1`.as("one"))
    .where((where) => where.and(filterConditions(filter)));
  const { count } = await db
    .selectFrom(matching.limit(most + 1).as("found"))
    .select(sql<number>`count(*)::integer`.as("count"))
    .executeTakeFirstOrThrow();
  if (count <= most) return { total: count, estimated: false };
  const explained = await sql<{
    "QUERY PLAN": [{ Plan: { "Plan Rows": number } }];
  }>`explain (format json) ${matching}`.execute(db);
  return { total: Math.max(count, explained.rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? count), estimated: true };
}

/** Keeps what the law asks to keep of an erased person. */
export async function insertRetainedRecord(
  trx: Transaction<Database>,
  record: Insertable<Database["retained_records"]>,
): Promise<void> {
  await trx.insertInto("retained_records").values(record).execute();
}

/** Removes what no law asks to keep any more; answers how many. */
export async function deleteEndedRetention(db: Db, now: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("retained_records")
    .where("retain_until", "<=", now)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The organisations of a user, kept on the record for lists and answers. */
export async function setOrganisations(
  trx: Transaction<Database>,
  userId: string,
  orgIds: readonly string[],
  now: Date,
): Promise<void> {
  await trx
    .updateTable("users")
    .set({ org_id: orgIds[0] ?? null, org_ids: [...orgIds], updated_at: now, version: sql<number>`version + 1` })
    .where("user_id", "=", userId)
    .execute();
}
