import { type Insertable, type Selectable, sql, type Transaction } from "kysely";
import type { Database, Db } from "../../../foundation/database/index.ts";

/** One second factor as stored; of numbers beyond JavaScript's the text. */
export type SecondFactorRow = Omit<Selectable<Database["second_factors"]>, "method"> & { method: "totp" | "passkey" };

/** Keeps a factor; false where its passkey is kept already, whosesoever it is. */
export async function insertSecondFactor(
  trx: Transaction<Database>,
  row: Insertable<Database["second_factors"]>,
): Promise<boolean> {
  const inserted = await trx
    .insertInto("second_factors")
    .values(row)
    .onConflict((conflict) => conflict.column("credential_id").doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** What counts for a person, oldest first. */
export async function listActiveFactors(db: Db, userId: string): Promise<SecondFactorRow[]> {
  return (await db
    .selectFrom("second_factors")
    .selectAll()
    .where("user_id", "=", userId)
    .where("activated_at", "is not", null)
    .orderBy("created_at")
    .orderBy("factor_id")
    .execute()) as SecondFactorRow[];
}

/** The app that is about to be enrolled. */
export async function findBegunFactor(db: Db, userId: string): Promise<SecondFactorRow | undefined> {
  return (await db
    .selectFrom("second_factors")
    .selectAll()
    .where("user_id", "=", userId)
    .where("activated_at", "is", null)
    .executeTakeFirst()) as SecondFactorRow | undefined;
}

export async function deleteBegunFactor(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("second_factors").where("user_id", "=", userId).where("activated_at", "is", null).execute();
}

/** Makes an app the person's one; the one before it counts no more. */
export async function activateTotp(
  trx: Transaction<Database>,
  { userId, factorId, step, now }: { userId: string; factorId: string; step: number; now: Date },
): Promise<void> {
  await trx
    .deleteFrom("second_factors")
    .where("user_id", "=", userId)
    .where("method", "=", "totp")
    .where("activated_at", "is not", null)
    .execute();
  await trx
    .updateTable("second_factors")
    .set({ activated_at: now, last_used_at: now, last_step: step })
    .where("factor_id", "=", factorId)
    .execute();
}

/** Takes the code of a time step, unless it or a later one was taken: of any number at once, one gets true. */
export async function takeStep(
  trx: Transaction<Database>,
  { factorId, step, now }: { factorId: string; step: number; now: Date },
): Promise<boolean> {
  const taken = await trx
    .updateTable("second_factors")
    .set({ last_step: step, last_used_at: now })
    .where("factor_id", "=", factorId)
    .where("activated_at", "is not", null)
    .where((where) => where.or([where("last_step", "is", null), where("last_step", "<", String(step))]))
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

/** Moves a passkey's counter on. Many passkeys do not count and always say 0 (WebAuthn section 6.1.1). */
export async function takeCount(
  trx: Transaction<Database>,
  { factorId, count, now }: { factorId: string; count: number; now: Date },
): Promise<boolean> {
  const taken = await trx
    .updateTable("second_factors")
    .set({ sign_count: count, last_used_at: now })
    .where("factor_id", "=", factorId)
    .where(sql<boolean>`(sign_count < ${count}::bigint or (sign_count = 0 and ${count}::bigint = 0))`)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

export async function deleteFactors(trx: Transaction<Database>, factorIds: readonly string[]): Promise<void> {
  await trx
    .deleteFrom("second_factors")
    .where("factor_id", "in", [...factorIds])
    .execute();
}

/** Writes a person's recovery codes in place of the ones before. */
export async function replaceRecoveryCodes(
  trx: Transaction<Database>,
  userId: string,
  hashes: readonly Buffer[],
  now: Date,
): Promise<void> {
  await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  if (hashes.length === 0) return;
  await trx
    .insertInto("recovery_codes")
    .values(hashes.map((hash) => ({ code_hash: hash, user_id: userId, created_at: now })))
    .execute();
}

/** Takes a recovery code: of any number at once, one gets true. */
export async function takeRecoveryCode(
  trx: Transaction<Database>,
  { userId, hash, now }: { userId: string; hash: Buffer; now: Date },
): Promise<boolean> {
  const taken = await trx
    .updateTable("recovery_codes")
    .set({ used_at: now })
    .where("code_hash", "=", hash)
    .where("user_id", "=", userId)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

/** How many recovery codes a person has left. */
export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom("recovery_codes")
    .select(sql<number>`count(*)::integer`.as("count"))
    .where("user_id", "=", userId)
    .where("used_at", "is", null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Notes that a log-in waits for its second proof, in place of one that waited before. */
export async function replaceBegunLogIn(
  trx: Transaction<Database>,
  row: Insertable<Database["begun_log_ins"]>,
): Promise<void> {
  const { user_id: _user, ...fresh } = row;
  await trx
    .insertInto("begun_log_ins")
    .values(row)
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(fresh))
    .execute();
}

/** Takes the log-in that waits. */
export async function takeBegunLogIn(trx: Transaction<Database>, userId: string) {
  return trx.deleteFrom("begun_log_ins").where("user_id", "=", userId).returningAll().executeTakeFirst();
}

/** Forgets everything of a person's second factors. */
export async function deleteEverySecondFactor(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("second_factors").where("user_id", "=", userId).execute();
  await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  await trx.deleteFrom("begun_log_ins").where("user_id", "=", userId).execute();
}

/** Forgets log-ins and enrolments that have waited since before a moment: their challenges have expired. */
export async function deleteBegunBefore(db: Db, moment: Date): Promise<number> {
  const logIns = await db.deleteFrom("begun_log_ins").where("begun_at", "<", moment).executeTakeFirst();
  const enrolments = await db
    .deleteFrom("second_factors")
    .where("activated_at", "is", null)
    .where("created_at", "<", moment)
    .executeTakeFirst();
  return Number(logIns.numDeletedRows + enrolments.numDeletedRows);
}
