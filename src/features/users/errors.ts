import { declareError } from "../../foundation/errors/index.ts";

export const userNotFound = declareError({
  code: "user-not-found",
  status: 404,
  title: "There is no such user",
  remedy: "Check the id. Users of other systems are not known here.",
});

export const emailTaken = declareError({
  code: "email-already-exists",
  status: 409,
  title: "This e-mail address is already registered",
  remedy: "Log in with it, or ask for a password reset.",
});

export const phoneTaken = declareError({
  code: "phone-already-verified",
  status: 409,
  title: "This phone number is verified for another user",
  remedy: "Use another number, or have the other user remove it.",
});

export const verifiedDataLocked = declareError({
  code: "verified-data-locked",
  status: 409,
  title: "Name and documents were verified and cannot be changed by yourself",
  remedy: "Ask an operator for the change; it leads to a new verification.",
});

export const ladderRefused = declareError({
  code: "grant-refused",
  status: 403,
  title: "You may not grant this role or type",
  remedy:
    "Nobody grants more than they hold, nor anything to themselves; super-admin and internal-admin come from a super-admin only.",
});
