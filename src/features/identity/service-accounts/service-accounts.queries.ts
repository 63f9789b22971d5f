import { type Insertable, type Selectable, sql, type Transaction, type Updateable } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { PublicJwk } from "./read-public-key.ts";

/** One service account as stored. */
export type ServiceAccountRow = Omit<Selectable<Database["service_accounts"]>, "public_jwk"> & {
  public_jwk: PublicJwk | null;
};

export async function insertServiceAccount(
  trx: Transaction<Database>,
  row: Insertable<Database["service_accounts"]>,
): Promise<ServiceAccountRow> {
  return (await trx
    .insertInto("service_accounts")
    .values(row)
    .returningAll()
    .executeTakeFirstOrThrow()) as ServiceAccountRow;
}

export async function findServiceAccount(db: Db, clientId: string): Promise<ServiceAccountRow | undefined> {
  return (await db.selectFrom("service_accounts").selectAll().where("client_id", "=", clientId).executeTakeFirst()) as
    | ServiceAccountRow
    | undefined;
}

/** What every request re-reads of its caller. */
export type ServiceStanding = Pick<ServiceAccountRow, "client_id" | "credential" | "permissions" | "callback_origins">;

/** Many accounts in one query; its text never changes, so that the server plans it once. */
export async function findServiceStandings(db: Db, clientIds: readonly string[]): Promise<ServiceStanding[]> {
  const { rows } = await sql<ServiceStanding>`/* prepared: service standings */
    select client_id, credential, permissions, callback_origins
    from service_accounts where client_id = any((select ${clientIds}::text[])::text[])`.execute(db);
  return rows;
}

/** Takes the row's lock first, so that two changes of one account come one after the other. */
export async function findServiceAccountForUpdate(
  trx: Transaction<Database>,
  clientId: string,
): Promise<ServiceAccountRow | undefined> {
  return (await trx
    .selectFrom("service_accounts")
    .selectAll()
    .where("client_id", "=", clientId)
    .forUpdate()
    .executeTakeFirst()) as ServiceAccountRow | undefined;
}

export async function updateServiceAccount(
  trx: Transaction<Database>,
  clientId: string,
  changes: Updateable<Database["service_accounts"]>,
): Promise<ServiceAccountRow> {
  return (await trx
    .updateTable("service_accounts")
    .set(changes)
    .where("client_id", "=", clientId)
    .returningAll()
    .executeTakeFirstOrThrow()) as ServiceAccountRow;
}

export async function deleteServiceAccountRow(trx: Transaction<Database>, clientId: string): Promise<void> {
  await trx.deleteFrom("service_accounts").where("client_id", "=", clientId).execute();
}

/** One page, oldest first: the ids are in the order of their making. */
export async function listServiceAccountRows(
  db: Db,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<ServiceAccountRow[]> {
  return (await db
    .selectFrom("service_accounts")
    .selectAll()
    .$if(after !== undefined, (query) => query.where("client_id", ">", after ?? ""))
    .orderBy("client_id")
    .limit(limit)
    .execute()) as ServiceAccountRow[];
}
