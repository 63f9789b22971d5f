import { type Insertable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

/** Which secret: what it opens, and for whom. */
export type SecretPlace = { purpose: string; subject: string };

/** Writes the secret of a place, in place of the one before it: only the newest counts. */
export async function replaceSecret(
  trx: Transaction<Database>,
  row: Insertable<Database["one_time_secrets"]>,
): Promise<void> {
  const { purpose: _purpose, subject: _subject, ...fresh } = row;
  await trx
    .insertInto("one_time_secrets")
    .values(row)
    .onConflict((conflict) => conflict.columns(["purpose", "subject"]).doUpdateSet({ ...fresh, consumed_at: null }))
    .execute();
}

/**
 * The one statement that decides, counts the try and consumes, all under the row's lock: of any number of contenders,
 * one finds the secret unconsumed, and no more than `tries_left` find a try left. Undefined where there is nothing to
 * try: no secret, expired, used, or no tries left.
 */
export async function trySecret(
  trx: Transaction<Database>,
  place: SecretPlace,
  secretHash: Buffer,
  now: Date,
): Promise<{ matched: boolean } | undefined> {
  const { rows } = await sql<{ matched: boolean }>`
    update one_time_secrets
    set tries_left = tries_left - 1, consumed_at = case when secret_hash = ${secretHash} then ${now}::timestamptz end
    where purpose = ${place.purpose} and subject = ${place.subject}
      and consumed_at is null and tries_left > 0 and expires_at > ${now}
    returning consumed_at is not null as matched`.execute(trx);
  return rows[0];
}

/** Whether the place holds this secret, unused, in time and with tries left. */
export async function findLiveSecret(db: Db, place: SecretPlace, secretHash: Buffer, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom("one_time_secrets")
    .select("purpose")
    .where("purpose", "=", place.purpose)
    .where("subject", "=", place.subject)
    .where("secret_hash", "=", secretHash)
    .where("consumed_at", "is", null)
    .where("tries_left", ">", 0)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes a consumed secret one to be tried again, with the tries that it has left. */
export async function reopenSecretRow(trx: Transaction<Database>, place: SecretPlace): Promise<void> {
  await trx
    .updateTable("one_time_secrets")
    .set({ consumed_at: null })
    .where("purpose", "=", place.purpose)
    .where("subject", "=", place.subject)
    .execute();
}

/** Forgets every secret of a subject. */
export async function deleteSecrets(trx: Transaction<Database>, subject: string): Promise<void> {
  await trx.deleteFrom("one_time_secrets").where("subject", "=", subject).execute();
}

/** Forgets secrets that expired before a moment; gives their number. */
export async function deleteSecretsExpiredBefore(db: Db, moment: Date): Promise<number> {
  const deleted = await db.deleteFrom("one_time_secrets").where("expires_at", "<", moment).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
