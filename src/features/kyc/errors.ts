import { declareError } from "../../foundation/errors/index.ts";

export const webhookRefused = declareError({
  code: "webhook-signature-invalid",
  status: 401,
  title: "The signature of this delivery does not hold",
  remedy:
    "Sign the exact bytes of the body with the shared secret of the integration, as the provider's documentation says. The delivery was recorded and had no effect.",
});

export const providerUnavailable = declareError({
  code: "verification-provider-unavailable",
  status: 503,
  title: "The verification provider cannot be reached now",
  remedy: "Wait for the number of seconds in `Retry-After`, then try again. No session was opened.",
});

export const providerNotConfigured = declareError({
  code: "verification-provider-not-configured",
  status: 503,
  title: "This installation does not work with that verification provider",
  remedy: "An operator sets the provider's variables (see the configuration page) and starts Usher again.",
});

export const verificationStarting = declareError({
  code: "verification-starting",
  status: 409,
  title: "A session is being opened at this moment",
  remedy: "Wait for the number of seconds in `Retry-After`, then try again: you will get that session.",
});

export const deliveryNotFound = declareError({
  code: "delivery-not-found",
  status: 404,
  title: "There is no such delivery",
  remedy: "Take the id from `GET /webhooks/inbox`.",
});
