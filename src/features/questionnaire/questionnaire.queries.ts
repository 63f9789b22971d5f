import type { Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";

/** Keeps a person's answers in place of the ones before. */
export async function replaceAnswers(
  trx: Transaction<Database>,
  answers: { user_id: string; answers_sealed: string; answered_at: Date },
): Promise<void> {
  const { user_id: _user, ...fresh } = answers;
  await trx
    .insertInto("questionnaire_answers")
    .values(answers)
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(fresh))
    .execute();
}

/** A person's answers, sealed. */
export async function findSealedAnswers(db: Db, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("questionnaire_answers")
    .select("answers_sealed")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row?.answers_sealed;
}

export async function deleteAnswers(trx: Transaction<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("questionnaire_answers").where("user_id", "=", userId).execute();
}
