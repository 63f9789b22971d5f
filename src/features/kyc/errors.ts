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

export const verificationNotAllowed = declareError({
  code: "verification-not-allowed",
  status: 409,
  title: "The user's present state allows no verification",
  remedy: "`detail` says why, and what has to happen first.",
});

export const verificationDataRefused = declareError({
  code: "verification-data-refused",
  status: 400,
  title: "The verification provider does not accept what is known of the person",
  remedy: "`errors` names the fields that the provider objected to. Correct them, then try again. Nothing was opened.",
});

export const foreignDelivery = declareError({
  code: "webhook-of-another-provider",
  status: 400,
  title: "This delivery belongs to another provider's path",
  remedy:
    "`detail` names the provider and its path; correct the address in that provider's settings. The delivery was not kept.",
});

/** The time is over in which the provider knows an introduction by its key, and it knows no such person: begin anew. */
export class IntroductionExpired extends Error {}
