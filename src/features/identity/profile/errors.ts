import { declareError } from "../../../foundation/errors/index.ts";

export const wrongUserId = declareError({
  code: "wrong-user-id",
  status: 401,
  title: "Whose profile this is does not show",
  remedy:
    "Send `Authorization: Bearer <access token>` with a token of a person: log in with the wallet by POST /auth/nonce. To register with a password, send `password`.",
});

export const missingData = declareError({
  code: "missing-data",
  status: 400,
  title: "Something is missing",
  remedy:
    "`errors` names it: firstname, lastname and email are needed, arbitrators need a website, and the user needs a wallet. Nothing was changed.",
});

const rolledBack = "Everything was rolled back. Try again; if it goes on, tell the operator the `traceId`.";

export const userInsertError = declareError({
  code: "user-insert-error",
  status: 500,
  title: "The profile could not be kept",
  remedy: rolledBack,
});

export const walletInsertError = declareError({
  code: "wallet-insert-error",
  status: 500,
  title: "The wallet's link to the profile could not be kept",
  remedy: rolledBack,
});

export const registerArbitratorError = declareError({
  code: "register-arbitrator-error",
  status: 500,
  title: "The arbitrator's entry could not be kept",
  remedy: rolledBack,
});

export const registrationTxError = declareError({
  code: "registration-tx-error",
  status: 500,
  title: "The registration could not be completed",
  remedy: rolledBack,
});
