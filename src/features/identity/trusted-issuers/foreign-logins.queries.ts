import { sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** Whose a foreign token is, and what is known of its log-in. */
export type ForeignStanding = {
  /** Place in the list that was asked for, from 1. */
  place: number;
  user_id: string;
  tokens_not_before: Date | null;
  /** Null where nothing is known of this very log-in. */
  ended: boolean | null;
  second_factor: boolean | null;
};

/** Many tokens in one query; those without a stored (issuer, subject) link are missing from the answer. */
export async function selectForeignStandings(
  db: Db,
  tokens: readonly { issuer: string; subject: string; login: string }[],
): Promise<ForeignStanding[]> {
  const column = (name: "issuer" | "subject" | "login") => tokens.map((token) => token[name]);
  const { rows } = await sql<ForeignStanding>`
    select asked.place::integer as place, identities.user_id, identities.tokens_not_before, foreign_logins.ended,
      foreign_logins.second_factor
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

/** Beyond the longest life of a refresh token at Cognito, ten years: what is noted of a log-in counts while it lives. */
const never = new Date("2100-01-01T00:00:00Z");

/** Notes that the second factor was proven here in a foreign log-in. */
export async function noteSecondFactor(
  trx: Transaction<Database>,
  { login, userId }: { login: string; userId: string },
): Promise<void> {
  await trx
    .insertInto("foreign_logins")
    .values({ login, user_id: userId, ended: false, second_factor: true, forget_at: never })
    .onConflict((conflict) => conflict.column("login").doUpdateSet({ second_factor: true }))
    .execute();
}

/** Ends every foreign log-in of a person that began until now, but for one. */
export async function endOtherForeignLogins(
  trx: Transaction<Database>,
  { userId, keep, now }: { userId: string; keep: string; now: Date },
): Promise<void> {
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
}

/** Forgets what no living token can ask for; gives the number. */
export async function deleteForeignLoginsBefore(db: Db, moment: Date): Promise<number> {
  const deleted = await db.deleteFrom("foreign_logins").where("forget_at", "<", moment).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
