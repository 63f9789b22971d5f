import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import { invalidRequest } from "../../foundation/errors/common.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf, type Change, type Journal } from "../journal/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { lockUser, readCountry, setFlag, userNotFound } from "../users/index.ts";
import { deleteAnswers, findSealedAnswers, replaceAnswers } from "./questionnaire.queries.ts";
import type { Answers } from "./schemas.ts";

export type QuestionnaireDeps = { db: Db; clock: Clock; journal: Journal; personKeys: PersonKeys };

/** The name that binds the sealed answers to their row. */
const answersField = "questionnaire";

/**
 * Keeps a person's answers, sealed with their key, and sets their flag; both the answers before and after are in the
 * journal, sealed as well. A repeat replaces the answers; the flag keeps its first time.
 *
 * @throws user-not-found, invalid-request naming the country
 */
export async function answerQuestionnaire(
  deps: QuestionnaireDeps,
  { caller, answers, requestId }: { caller: UserCaller; answers: Answers; requestId: string },
): Promise<void> {
  const read = readAnswers(answers);
  await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, caller.userId);
    if (user.erased_at) throw userNotFound();
    const userId = user.user_id;
    const sealedBefore = await findSealedAnswers(trx, userId);
    const before = sealedBefore && (await deps.personKeys.openFor<Answers>(trx, userId, answersField, sealedBefore));
    await replaceAnswers(trx, {
      user_id: userId,
      answers_sealed: await deps.personKeys.sealFor(trx, userId, answersField, read),
      answered_at: deps.clock.now(),
    });
    await setFlag(deps, trx, {
      user,
      flag: "questionnaire",
      reached: true,
      actor: actorOf(caller),
      action: "user.questionnaire-answered",
      personal: { changes: describeChanges(before || undefined, read) },
      requestId,
    });
  });
}

/** Countries in upper case, each once. */
function readAnswers(answers: Answers): Answers {
  const taxResidences = answers.taxResidences.map(({ country, taxNumber }, index) => ({
    country: readCountry(country, `taxResidences[${index}].country`),
    ...(taxNumber === undefined ? {} : { taxNumber: taxNumber.trim() }),
  }));
  const twice = taxResidences.findIndex(
    ({ country }, index) => taxResidences.findIndex((other) => other.country === country) !== index,
  );
  if (twice >= 0) throw invalidRequest({ errors: { [`taxResidences[${twice}].country`]: ["is named twice"] } });
  return { ...answers, taxResidences };
}

function describeChanges(before: Answers | undefined, after: Answers): Record<string, Change> {
  return Object.fromEntries(
    (Object.keys(after) as (keyof Answers)[])
      .filter((field) => JSON.stringify(before?.[field]) !== JSON.stringify(after[field]))
      .map((field) => [field, { before: before?.[field] ?? null, after: after[field] }]),
  );
}

/** Forgets a person's answers, in the transaction that erases them. */
export async function forgetQuestionnaire(trx: Transaction<Database>, userId: string): Promise<void> {
  await deleteAnswers(trx, userId);
}
