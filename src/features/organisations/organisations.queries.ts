import { type Insertable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { MemberRole, MemberRow, OrganisationRow } from "./tables.ts";

export async function findOrganisation(db: Db, orgId: string): Promise<OrganisationRow | undefined> {
  return db.selectFrom("organisations").selectAll().where("org_id", "=", orgId).executeTakeFirst();
}

/** Locks the organisation, so that changes of its members come one after the other. */
export async function lockOrganisation(
  trx: Transaction<Database>,
  orgId: string,
): Promise<OrganisationRow | undefined> {
  return trx.selectFrom("organisations").selectAll().where("org_id", "=", orgId).forUpdate().executeTakeFirst();
}

export async function insertOrganisation(
  trx: Transaction<Database>,
  row: Insertable<Database["organisations"]>,
): Promise<OrganisationRow> {
  return trx.insertInto("organisations").values(row).returningAll().executeTakeFirstOrThrow();
}

/** Undefined when the user already is a member. */
export async function insertMember(
  trx: Transaction<Database>,
  row: Insertable<Database["organisation_members"]>,
): Promise<MemberRow | undefined> {
  return (await trx
    .insertInto("organisation_members")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()) as MemberRow | undefined;
}

export async function findMember(db: Db, orgId: string, userId: string): Promise<MemberRow | undefined> {
  return (await db
    .selectFrom("organisation_members")
    .selectAll()
    .where("org_id", "=", orgId)
    .where("user_id", "=", userId)
    .executeTakeFirst()) as MemberRow | undefined;
}

export async function updateMemberRole(
  trx: Transaction<Database>,
  orgId: string,
  userId: string,
  role: MemberRole,
): Promise<MemberRow> {
  return (await trx
    .updateTable("organisation_members")
    .set({ role })
    .where("org_id", "=", orgId)
    .where("user_id", "=", userId)
    .returningAll()
    .executeTakeFirstOrThrow()) as MemberRow;
}

export async function deleteMember(trx: Transaction<Database>, orgId: string, userId: string): Promise<void> {
  await trx.deleteFrom("organisation_members").where("org_id", "=", orgId).where("user_id", "=", userId).execute();
}

export async function countAdmins(trx: Transaction<Database>, orgId: string): Promise<number> {
  const { count } = await trx
    .selectFrom("organisation_members")
    .select(sql<number>`count(*)::integer`.as("count"))
    .where("org_id", "=", orgId)
    .where("role", "=", "admin")
    .executeTakeFirstOrThrow();
  return count;
}

/** A place in the list of members: oldest first; microseconds as text. */
export type MemberPlace = { createdAt: string; userId: string };

export async function listMemberRows(
  db: Db,
  orgId: string,
  limit: number,
  after?: MemberPlace,
): Promise<(MemberRow & { place: string })[]> {
  const page = db
    .selectFrom("organisation_members")
    .selectAll()
    .select(sql<string>`created_at::text`.as("place"))
    .where("org_id", "=", orgId);
  const rest = after
    ? page.where(sql<boolean>`(created_at, user_id) > (${after.createdAt}::timestamptz, ${after.userId}::uuid)`)
    : page;
  return (await rest.orderBy("created_at").orderBy("user_id").limit(limit).execute()) as (MemberRow & {
    place: string;
  })[];
}

/** The organisations of a user, first joined first. */
export async function listOrganisationIds(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("organisation_members")
    .select("org_id")
    .where("user_id", "=", userId)
    .orderBy("created_at")
    .orderBy("org_id")
    .execute();
  return rows.map((row) => row.org_id);
}

/** The organisations in which a user is member admin. */
export async function listAdministeredOrganisations(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("organisation_members")
    .select("org_id")
    .where("user_id", "=", userId)
    .where("role", "=", "admin")
    .execute();
  return rows.map((row) => row.org_id);
}

/** Whether `adminId` is member admin of an organisation that `userId` belongs to. One answer for strangers and for nobody. */
export async function administers(db: Db, adminId: string, userId: string): Promise<boolean> {
  const found = await db
    .selectFrom("organisation_members as mine")
    .innerJoin("organisation_members as theirs", "theirs.org_id", "mine.org_id")
    .select("mine.org_id")
    .where("mine.user_id", "=", adminId)
    .where("mine.role", "=", "admin")
    .where("theirs.user_id", "=", userId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
