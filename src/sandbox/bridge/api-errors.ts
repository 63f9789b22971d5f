/** A refusal of the double: its HTTP status and its body, in the shapes that Bridge's own answers have. */
export type ApiFailure = { status: number; body: Record<string, unknown> };

const header = (code: "required" | "invalid", name: string, message: string): ApiFailure => ({
  status: code === "required" && name !== "Api-Key" ? 400 : 401,
  body: { code, location: "header", name, message },
});

/** The refusals that stand in Bridge's documentation, or were seen by integrators. */
export const failures = {
  noKey: header("required", "Api-Key", "Missing Api-Key header"),
  badKey: header("invalid", "Api-Key", "Invalid Api-Key header"),
  noIdempotencyKey: header("required", "Idempotency-Key", "Missing Idempotency-Key header"),
  idempotencyKeyNotTaken: {
    status: 400,
    body: {
      code: "invalid",
      location: "header",
      name: "Idempotency-Key",
      message: "Idempotency-Key is not allowed for this method",
    },
  },
  keyExpired: {
    status: 422,
    body: { code: "idempotency_key_expired", message: "Idempotency Key Retry Deadline Exceeded" },
  },
  keyReused: {
    status: 422,
    body: { code: "idempotency_key_reused", message: "Idempotency Key was used with a different request" },
  },
  notFound: { status: 404, body: { code: "not_found", message: "Unknown id", type: "invalid_request_error" } },
  unexpected: {
    status: 500,
    body: { errors: [{ code: "unexpected", message: "An expected error occurred, you may try again later" }] },
  },
} satisfies Record<string, ApiFailure>;

/** Fields at fault, in the newer shape: an object by field. */
export function badFields(problems: Record<string, string>): ApiFailure {
  return {
    status: 400,
    body: {
      code: "invalid_parameters",
      message: "Please resubmit the following parameters that are either missing or invalid",
      source: { location: "body", key: problems },
    },
  };
}

/** Fields that are missing, in the older shape: a list of names. */
export function missingFields(names: readonly string[]): ApiFailure {
  return {
    status: 400,
    body: { code: "bad_customer_request", message: "fields missing from customer body.", name: names.join(",") },
  };
}
