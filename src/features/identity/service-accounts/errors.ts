import { declareError } from "../../../foundation/errors/index.ts";

export const serviceAccountNotFound = declareError({
  code: "service-account-not-found",
  status: 404,
  title: "There is no such service account",
  remedy: "Check the client_id with `GET /service-accounts`. A deleted account does not come back; create a new one.",
});
