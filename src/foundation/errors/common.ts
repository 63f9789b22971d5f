import { declareError } from "./index.ts";

/** The errors that any endpoint may answer. */

export const invalidRequest = declareError({
  code: "invalid-request",
  status: 400,
  title: "The request does not have the expected form",
  remedy: "Look at `errors`: it names each field that is wrong and says what is expected of it. Nothing was changed.",
});

export const malformedJson = declareError({
  code: "malformed-json",
  status: 400,
  title: "The body is not valid JSON",
  remedy: "Send one JSON value (RFC 8259) in UTF-8, with every key of an object given once.",
});

export const unauthenticated = declareError({
  code: "unauthenticated",
  status: 401,
  title: "A valid Bearer token is needed",
  remedy:
    "Send `Authorization: Bearer <access token>` with a token that has not expired; log in or refresh to get one.",
});

export const forbidden = declareError({
  code: "forbidden",
  status: 403,
  title: "You may not do this",
  remedy: "`detail` names the role or permission that is missing. An internal-admin can grant it.",
});

export const notFound = declareError({
  code: "not-found",
  status: 404,
  title: "There is nothing here",
  remedy: "Check the path and the id in it.",
});

export const requestTimeout = declareError({
  code: "request-timeout",
  status: 408,
  title: "The request did not arrive in time",
  remedy: "Send headers and body within 20 seconds. Nothing was changed.",
});

export const preconditionFailed = declareError({
  code: "precondition-failed",
  status: 412,
  title: "The resource has changed since you read it",
  remedy: "Read it again, take the new `ETag`, and repeat your change on top of it.",
});

export const bodyTooLarge = declareError({
  code: "body-too-large",
  status: 413,
  title: "The body is too large",
  remedy: "Send at most 256 KiB.",
});

export const unsupportedMediaType = declareError({
  code: "unsupported-media-type",
  status: 415,
  title: "The body must be JSON",
  remedy: "Send `Content-Type: application/json`.",
});

export const idempotencyKeyReused = declareError({
  code: "idempotency-key-reused",
  status: 422,
  title: "This Idempotency-Key was used with another body",
  remedy: "Use a new key for a new request; repeat a key only with exactly the same body.",
});

export const tooManyRequests = declareError({
  code: "too-many-requests",
  status: 429,
  title: "Too many requests",
  remedy: "Wait for the number of seconds in `Retry-After`, then try again.",
});

export const headersTooLarge = declareError({
  code: "headers-too-large",
  status: 431,
  title: "The request's headers are too large",
  remedy: "Send less than 16 KiB of headers.",
});

export const internalError = declareError({
  code: "internal-error",
  status: 500,
  title: "Something went wrong on our side",
  remedy: "Nothing was changed. Try again; if it goes on, tell the operator the `traceId`.",
});

export const unavailable = declareError({
  code: "unavailable",
  status: 503,
  title: "The service cannot answer now",
  remedy: "Wait for the number of seconds in `Retry-After`, then try again. Nothing was changed.",
});
