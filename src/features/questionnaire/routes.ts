import { Type } from "typebox";
import { closed, ok, type Route } from "../../foundation/http/index.ts";
import { type Caller, own, route, signedIn } from "../access/index.ts";
import { userNotFound, userParams } from "../users/index.ts";
import { answerQuestionnaire, type QuestionnaireDeps } from "./answer-questionnaire.ts";
import { codeLists } from "./code-lists.ts";
import { answersSchema, questionnaireSchema } from "./schemas.ts";

/** The risk questionnaire of 10nPay's onboarding. */
export function questionnaireRoutes(deps: QuestionnaireDeps): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/questionnaire",
      summary: "The code lists of the risk questionnaire",
      tag: "Questionnaire",
      access: signedIn,
      answers: { 200: questionnaireSchema },
      handle: () => ok(codeLists),
    }),
    route({
      method: "PUT",
      path: "/users/:user_id/additional-data",
      summary: "Answer the risk questionnaire",
      tag: "Questionnaire",
      access: own("user_id"),
      params: userParams,
      body: answersSchema,
      answers: { 200: closed({ message: Type.String({ examples: ["Questionnaire answered"] }) }) },
      errors: [userNotFound],
      handle: async ({ body, caller, requestId }) => {
        await answerQuestionnaire(deps, { caller, answers: body, requestId });
        return ok({ message: "Questionnaire answered" });
      },
    }),
  ];
}
