import { declareError } from "../../../foundation/errors/index.ts";

export const phoneMissing = declareError({
  code: "phone-missing",
  status: 409,
  title: "There is no phone number on the profile",
  remedy: "Set `phone_number` with PUT /users/{user_id} first.",
});

export const invalidPhoneCode = declareError({
  code: "invalid-phone-code",
  status: 400,
  title: "The code does not count",
  remedy:
    "It is wrong, used, or older than ten minutes, or it was tried five times, or a newer one was sent, or the number was changed. Ask for a new code with POST /users/{user_id}/phone/send-code.",
});

export const smsNotConfigured = declareError({
  code: "sms-not-configured",
  status: 503,
  title: "Text messages cannot be sent here",
  remedy: "The operator of this server has to set SMS_ACCOUNT_SID, SMS_AUTH_TOKEN and SMS_FROM.",
});
