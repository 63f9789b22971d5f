import { createPublicKey, type KeyObject } from "node:crypto";
import { BadVariable, type Variable } from "./foundation/config/index.ts";

/** Bridge signs with 2048 bits; less could be forged. */
const fewestBits = 2048;

/**
 * The public keys of Bridge's webhook endpoints: PEM blocks one after the other, also with `\n` written out, as
 * variables often have them.
 */
export const bridgeWebhookKeys: Variable<readonly KeyObject[]> = {
  about:
    "Public keys (PEM, one after the other) of Bridge's webhook endpoints; during a rotation the old and the new one; the local double's in sandbox mode",
  secret: true,
  read: (given) => {
    const blocks = given?.replaceAll("\\n", "\n").match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? [];
    if (given !== undefined && blocks.length === 0) throw refused();
    return blocks.map(readPublicKey);
  },
};

/** The key of one PEM block. @throws BadVariable */
export function readPublicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (!pem.includes("PRIVATE") && key.asymmetricKeyType === "rsa" && bits >= fewestBits) return key;
  } catch (cause) {
    throw refused(cause);
  }
  throw refused();
}

function refused(cause?: unknown): BadVariable {
  return new BadVariable(
    `must be PEM blocks of RSA public keys of ${fewestBits} bits or more, as \`POST /v0/webhooks\` answers them in \`public_key\`.`,
    { cause },
  );
}
