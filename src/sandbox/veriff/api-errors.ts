/** One refusal as Veriff words it: `{"status":"fail","code","message"}`, the code being a string. */
export type ApiFailure = { httpStatus: number; code: string; message: string };

/**
 * The refusals this double knows (Veriff's "Credentials and authorization codes table" and "troubleshooting codes").
 * Veriff publishes no code for an unknown session: 1104 stands in, with HTTP 404.
 */
export const API_FAILURES = {
  badIdLength: { httpStatus: 400, code: "1001", message: "Session id must be 36 characters long" },
  badId: { httpStatus: 400, code: "1002", message: "Session id must be a UUID version 4" },
  unknownSession: { httpStatus: 404, code: "1104", message: "Session not found" },
  missing: { httpStatus: 400, code: "1102", message: "Mandatory parameter is missing from the request" },
  invalid: { httpStatus: 400, code: "1104", message: "Request includes an invalid parameter" },
  oldTimestamp: { httpStatus: 400, code: "1201", message: "Timestamp must not be older than one hour" },
  insecureCallback: { httpStatus: 400, code: "1302", message: "Only HTTPS return URLs are allowed" },
  longVendorData: { httpStatus: 400, code: "1500", message: "vendorData must not be longer than 1000 characters" },
  vendorDataNotString: { httpStatus: 400, code: "1501", message: "vendorData must be a string" },
  noClient: { httpStatus: 401, code: "1801", message: "X-AUTH-CLIENT header is missing" },
  badClient: { httpStatus: 401, code: "1802", message: "X-AUTH-CLIENT header is not a UUID" },
  unknownClient: { httpStatus: 401, code: "1803", message: "No integration has this X-AUTH-CLIENT" },
  badIdSignature: { httpStatus: 401, code: "1818", message: "HMAC signature does not match the id in the path" },
  badBodySignature: { httpStatus: 401, code: "1819", message: "HMAC signature does not match the request body" },
} as const satisfies Record<string, ApiFailure>;

/** Names the parameter at fault in a refusal's message. */
export function about(failure: ApiFailure, parameter: string): ApiFailure {
  return { ...failure, message: `${failure.message}: ${parameter}` };
}
