export { forgetQuestionnaire, type QuestionnaireDeps } from "./answer-questionnaire.ts";
export { questionnaireRoutes } from "./routes.ts";
