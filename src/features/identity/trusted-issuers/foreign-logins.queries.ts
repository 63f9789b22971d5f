import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** Beyond the longest life of a refresh token at Cognito, ten years: what is noted of a log-in counts while it lives. */
const never = new Date("2100-01-01T00:00:00Z");

/** Whose a foreign token is, and what is known of its log-in. */
export type ForeignStanding = {
  /** Place in the list that was asked for, from 1. */
  place: number;
  user_id: string;
  tokens_not_before: Date | null;
  /** Null where nothing is known of this very log-in. */
  ended: boolean | null;
  second_factor: boolean | null;
  /** Until when a log-in with a second factor stands without being used. */
  idle_until: Date | null;
};

/** Many tokens in one query; those without a stored (issuer, subject) link are missing from the answer. */
export async function selectForeignStandings(
  db: Db,
  tokens: readonly { issuer: string; subject: string; login: string }[],
): Promise<ForeignStanding[]> {
  const column = (name: "issuer" | "subject" | "login") => tokens.map((token) => token[name]);
  const { rows } = await sql<ForeignStanding>`
    select asked.place::integer as place, identities.user_id, identities.tokens_not_before, foreign_logins.ended,
      foreign_logins.second_factor, foreign_logins.idle_until
    from unnest(${column("issuer")}::text[], ${column("subject")}::text[], ${column("login")}::text[])
      with ordinality as asked (issuer, subject, login, place)
    join identities on identities.issuer = asked.issuer and identities.subject = asked.subject
    left join foreign_logins on foreign_logins.login = asked.login`.execute(db);
  return rows;
}

/** Remembers of one log-in that it stands, or that it has ended; what has ended stays so. */
export async function upsertForeignLogin(
  trx: Transaction<Database>,
  row: { login: string; user_id: string; ended: boolean; forget_at: Date },
): Promise<void> {
  await trx
    .insertInto("foreign_logins")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("login").doUpdateSet({
        ended: sql<boolean>`foreign_logins.ended or excluded.ended`,
        forget_at: sql<Date>`greatest(foreign_logins.forget_at, excluded.forget_at)`,
      }),
    )
    .execute();
}

/** Ends one log-in; false where it had ended before. */
export async function endForeignLogin(
  trx: Transaction<Database>,
  { login, userId, forgetAt }: { login: string; userId: string; forgetAt: Date },
): Promise<boolean> {
  const ended = await trx
    .insertInto("foreign_logins")
    .values({ login, user_id: userId, ended: true, forget_at: forgetAt })
    .onConflict((conflict) =>
      conflict.column("login").doUpdateSet({ ended: true }).where("foreign_logins.ended", "=", false),
    )
    .executeTakeFirst();
  return ended.numInsertedOrUpdatedRows === 1n;
}

/** Ends every foreign log-in of a person that began until now. */
export async function endForeignLoginsOfUser(trx: Transaction<Database>, userId: string, now: Date): Promise<void> {
  await trx
    .updateTable("identities")
    .set({ tokens_not_before: now })
    .where("user_id", "=", userId)
    .where("provider", "<>", "embedded")
    .execute();
  await trx.updateTable("foreign_logins").set({ ended: true }).where("user_id", "=", userId).execute();
}

/** Notes that the second factor was proven here in a foreign log-in, which then stands as long as it is used. */
export async function noteSecondFactor(
  trx: Transaction<Database>,
  { login, userId, idleUntil }: { login: string; userId: string; idleUntil: Date },
): Promise<void> {
  const proven = { second_factor: true, idle_until: idleUntil };
  await trx
    .insertInto("foreign_logins")
    .values({ login, user_id: userId, ended: false, forget_at: never, ...proven })
    .onConflict((conflict) => conflict.column("login").doUpdateSet(proven))
    .execute();
}

/** Lets log-ins with a second factor stand until a moment; those that have gone idle stay so. */
export async function slideForeignLogins(
  db: Db,
  logins: readonly string[],
  { until, now }: { until: Date; now: Date },
): Promise<void> {
  await db
    .updateTable("foreign_logins")
    .set({ idle_until: until })
    .where("login", "in", logins)
    .where("idle_until", ">", now)
    .execute();
}

/** Ends every foreign log-in of a person that began until now, but for one; that may be one of our own. */
export async function endOtherForeignLogins(
  trx: Transaction<Database>,
  { userId, keep, now }: { userId: string; keep: string; now: Date },
): Promise<void> {
  if (isForeignLogin(keep))
    await upsertForeignLogin(trx, { login: keep, user_id: userId, ended: false, forget_at: never });
  await trx
    .updateTable("identities")
    .set({ tokens_not_before: now })
    .where("user_id", "=", userId)
    .where("provider", "<>", "embedded")
    .execute();
  await trx
    .updateTable("foreign_logins")
    .set({ ended: true })
    .where("user_id", "=", userId)
    .where("login", "<>", keep)
    .execute();
}

export async function deleteForeignLoginsOfUser(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("foreign_logins").where("user_id", "=", userId).execute();
  await trx.deleteFrom("used_pool_tokens").where("user_id", "=", userId).execute();
}

/** Forgets what no living token can ask for; gives the number. */
export async function deleteForeignLoginsBefore(db: Db, moment: Date): Promise<number> {
  const logins = await db.deleteFrom("foreign_logins").where("forget_at", "<", moment).executeTakeFirst();
  const tokens = await db.deleteFrom("used_pool_tokens").where("forget_at", "<", moment).executeTakeFirst();
  return Number(logins.numDeletedRows + tokens.numDeletedRows);
}

/** Whether a caller's log-in is one of a trusted issuer; our own have ids without `#`. */
export function isForeignLogin(login: string): boolean {
  return login.includes("#");
}

/** Notes a refresh token of a pool that was exchanged for another. */
export async function insertUsedToken(
  db: Db,
  row: { token_hash: Buffer; login: string; user_id: string; forget_at: Date },
): Promise<void> {
  await db
    .insertInto("used_pool_tokens")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The log-in of a refresh token that was exchanged before. */
export async function findUsedToken(
  db: Db,
  tokenHash: Buffer,
): Promise<{ login: string; user_id: string } | undefined> {
  return db
    .selectFrom("used_pool_tokens")
    .select(["login", "user_id"])
    .where("token_hash", "=", tokenHash)
    .executeTakeFirst();
}
