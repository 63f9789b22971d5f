import { declareError } from "../../../foundation/errors/index.ts";

export const arbitratorNotFound = declareError({
  code: "arbitrator-not-found",
  status: 404,
  title: "This user is no arbitrator",
  remedy: "Users become arbitrators themselves, by POST /users/register with the accountType `arbitrator`.",
});
