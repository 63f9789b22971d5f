import { invalidRequest } from "../../../foundation/errors/common.ts";
import type { Proof } from "./check-proof.ts";
import type { RemoveBody } from "./schemas.ts";

/** @throws invalid-request unless exactly one of the proofs is there */
export function requireOne(proofs: Record<string, unknown>): void {
  const given = Object.keys(proofs).filter((name) => proofs[name] !== undefined);
  if (given.length === 1) return;
  const names = Object.keys(proofs);
  const sentence = `give exactly one of ${names.join(", ")}`;
  throw invalidRequest({
    errors: Object.fromEntries((given.length ? given : names).map((name) => [name, [sentence]])),
  });
}

type GivenProof = Pick<RemoveBody, "code" | "recovery_code" | "passkey">;

/** The proof that a body brings. @throws invalid-request unless it is exactly one */
export function readProof({ code, recovery_code, passkey }: GivenProof): Proof {
  requireOne({ code, recovery_code, passkey });
  // Browsers say more than the library's type knows of; the rest of it is not looked at.
  return { code: code?.trim(), recovery_code, passkey: passkey as Proof["passkey"] };
}
