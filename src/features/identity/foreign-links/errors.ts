import { declareError } from "../../../foundation/errors/index.ts";

export const subjectLinked = declareError({
  code: "subject-already-linked",
  status: 409,
  title: "This issuer's subject is linked already",
  remedy: "A subject belongs to one user. Remove the link where it is, then set it anew.",
});

export const linkNotFound = declareError({
  code: "identity-link-not-found",
  status: 404,
  title: "There is no such link",
  remedy: "Look at `GET /users/{user_id}/identities`.",
});
