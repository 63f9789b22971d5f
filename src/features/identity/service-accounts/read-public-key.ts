import { createPublicKey } from "node:crypto";
import { type Static, Type } from "typebox";
import { invalidRequest } from "../../../foundation/errors/common.ts";
import { closed, oneOf } from "../../../foundation/http/index.ts";

const part = Type.Optional(Type.String({ maxLength: 1400 }));

/**
 * A public key as JWK (RFC 7517): EC P-256, Ed25519, or RSA from 2048 bits. A private member is an unknown field here,
 * and refused by its name.
 */
export const publicKeySchema = closed(
  {
    kty: oneOf(["EC", "RSA", "OKP"]),
    crv: Type.Optional(oneOf(["P-256", "Ed25519"])),
    x: part,
    y: part,
    n: part,
    e: part,
    kid: Type.Optional(Type.String({ maxLength: 200 })),
    alg: Type.Optional(oneOf(["ES256", "EdDSA", "Ed25519", "RS256", "PS256"])),
    use: Type.Optional(oneOf(["sig"])),
  },
  {
    description: "The public half of the key that signs client assertions (private_key_jwt); then there is no secret.",
  },
);

export type PublicJwk = Static<typeof publicKeySchema>;

const shortestRsaBits = 2048;

/** @throws invalid-request naming `public_key` when it is no usable key */
export function readPublicKey(jwk: PublicJwk): PublicJwk {
  const refuse = (sentence: string) => invalidRequest({ errors: { public_key: [sentence] } });
  let bits: number | undefined;
  try {
    bits = createPublicKey({ key: { ...jwk }, format: "jwk" }).asymmetricKeyDetails?.modulusLength;
  } catch {
    throw refuse("is not a complete public key");
  }
  if (jwk.kty === "RSA" && (bits ?? 0) < shortestRsaBits) throw refuse("must have 2048 bits at least");
  return jwk;
}
