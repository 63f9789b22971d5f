import { declareError } from "../../foundation/errors/index.ts";

export const invalidConfirmationCode = declareError({
  code: "invalid-confirmation-code",
  status: 400,
  title: "The code does not count",
  remedy:
    "It is wrong, used, or older than ten minutes, or it was tried five times, or a newer one was sent. Ask for a new code with POST /users/resend-code or POST /auth/forgot-password.",
});

export const invalidCredentials = declareError({
  code: "invalid-credentials",
  status: 401,
  title: "E-mail address or password is wrong",
  remedy: "Try again, or set a new password with POST /auth/forgot-password.",
});

export const emailNotConfirmed = declareError({
  code: "email-not-confirmed",
  status: 403,
  title: "The e-mail address is not confirmed yet",
  remedy: "Enter the code from the message at POST /users/confirm, or ask for a new one with POST /users/resend-code.",
});

export const furtherStepRequired = declareError({
  code: "further-step-required",
  status: 403,
  title: "The identity provider asks for a further step that cannot be done here",
  remedy:
    "The account needs a new password or a code of the identity provider's own. Set a new password with POST /auth/forgot-password; if that does not help, ask the operator.",
});

export const accountInactive = declareError({
  code: "account-inactive",
  status: 401,
  title: "The account is deactivated",
  remedy: "An operator can reactivate it.",
});

export const accountBlocked = declareError({
  code: "account-blocked",
  status: 401,
  title: "The account is blocked",
  remedy: "Ask an operator for the reason.",
});

export const accountClosed = declareError({
  code: "account-closed",
  status: 401,
  title: "The account is closed",
  remedy: "A closed account does not come back; register again.",
});

export const invalidLoginLink = declareError({
  code: "invalid-login-link",
  status: 401,
  title: "The log-in link does not count",
  remedy:
    "It counts once, for 15 minutes. Restart the server for a new one, or log in with e-mail address and password.",
});
