import { declareError } from "../../foundation/errors/index.ts";

export const webhookRefused = declareError({
  code: "webhook-signature-invalid",
  status: 401,
  title: "The signature of this delivery does not hold",
  remedy:
    "Sign the exact bytes of the body with the shared secret of the integration, as the provider's documentation says. The delivery was recorded and had no effect.",
});

export const webhookTooOld = declareError({
  code: "webhook-too-old",
  status: 400,
  title: "The signature of this delivery is too old",
  remedy:
    "Send the delivery again with a signature of this moment, as the provider's retries do. The delivery was recorded and had no effect.",
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

export const deliveryNotReplayable = declareError({
  code: "delivery-not-replayable",
  status: 409,
  title: "This delivery cannot be replayed",
  remedy: "`detail` says why. Only deliveries whose signature held count; let the provider send it again.",
});

export const deliveryBodyGone = declareError({
  code: "delivery-body-gone",
  status: 409,
  title: "The body of this delivery is not kept any more",
  remedy:
    "Its person was erased, or nobody was found for it for 90 days. Let the provider send it again, or ask for the decision there.",
});

export const deliveryNotAttachable = declareError({
  code: "delivery-not-attachable",
  status: 409,
  title: "This delivery cannot be attached to that person",
  remedy: "`detail` says why. Only deliveries that are `unmatched` or of a `foreign-subject` wait for a person.",
});
