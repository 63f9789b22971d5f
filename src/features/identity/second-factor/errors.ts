import { declareError } from "../../../foundation/errors/index.ts";

export const secondFactorRequired = declareError({
  code: "second-factor-required",
  status: 401,
  title: "The first proof was right; a second factor is asked for",
  remedy:
    "Send `challenge` with a code, a recovery code or a passkey's answer to POST /auth/login/second-factor within five minutes. `methods` lists what the account has; `passkey` holds the options for the browser.",
});

export const secondFactorRefused = declareError({
  code: "second-factor-refused",
  status: 401,
  title: "The second factor does not count",
  remedy:
    "It is wrong or was used already, or the challenge is older than five minutes, used, replaced by a newer one or was tried five times. Try again, or log in anew.",
});

export const invalidSecondFactor = declareError({
  code: "invalid-second-factor",
  status: 400,
  title: "The proof of the second factor does not count",
  remedy:
    "It is wrong or was used already, or its challenge is too old, used, replaced by a newer one or was tried five times. Ask for a new challenge and try again.",
});

export const secondFactorNeeded = declareError({
  code: "second-factor-needed",
  status: 403,
  title: "This needs a log-in with a second factor",
  remedy:
    "Log in again with your second factor. If you have none, enrol one with POST /users/{user_id}/sca and POST /users/{user_id}/sca/verify first.",
});

export const noSecondFactor = declareError({
  code: "no-second-factor",
  status: 404,
  title: "There is no such second factor",
  remedy: "GET /users/{user_id}/sca lists what is enrolled.",
});

export const tooManyPasskeys = declareError({
  code: "too-many-passkeys",
  status: 409,
  title: "There are ten passkeys already",
  remedy: "Remove one that is not in use any more with DELETE /users/{user_id}/sca.",
});
