import { invalidRequest, unauthenticated } from "../../../foundation/errors/common.ts";
import type { DeclaredError } from "../../../foundation/errors/index.ts";
import { verifiedDataLocked } from "../../users/index.ts";
import {
  missingData,
  registerArbitratorError,
  registrationTxError,
  userInsertError,
  walletInsertError,
  wrongUserId,
} from "./errors.ts";

/** How the completion of a profile refuses. */
export const profileErrors = [
  wrongUserId,
  missingData,
  verifiedDataLocked,
  userInsertError,
  walletInsertError,
  registerArbitratorError,
  registrationTxError,
];

/**
 * Whether a registration may go on without a caller: with a password it may, unless a token was sent that does not count;
 * without one it is a profile's completion, whose owner a missing or bad token does not tell. An account that may not
 * act learns why.
 */
export function refuseWithoutCaller(body: unknown, refusal: DeclaredError | undefined): DeclaredError | undefined {
  if (!isObject(body)) return refusal ?? invalidRequest({ errors: { body: ["must be a JSON object"] } });
  if ("password" in body) return refusal;
  if (refusal && refusal.declaration !== unauthenticated.declaration) return refusal;
  return wrongUserId({ cause: refusal });
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
