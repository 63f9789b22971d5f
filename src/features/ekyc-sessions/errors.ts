import { declareError } from "../../foundation/errors/index.ts";

export const verificationDataMissing = declareError({
  code: "verification-data-missing",
  status: 400,
  title: "Name and birth date are needed before a verification",
  remedy: "`errors` names what is missing. Add it to the profile with `PUT /users/{user_id}`, then try again.",
});

export const belowMinimumAge = declareError({
  code: "below-minimum-age",
  status: 400,
  title: "The person is under 14",
  remedy: "Persons under 14 cannot be verified. If the birth date is wrong, correct it in the profile.",
});

export const noSessions = declareError({
  code: "no-ekyc-sessions",
  status: 404,
  title: "There is no eKYC session yet",
  remedy: "Open one with `POST /ekyc/me/sessions`.",
});
