import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";

/** Two RSA keys of the size Cognito uses. */
export async function makeKeys(): Promise<{ access: JWK; id: JWK }> {
  const [access, id] = await Promise.all([makeKey(), makeKey()]);
  return { access, id };
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: "RS256", use: "sig" };
}

/** The public half, as `jwks.json` shows it. */
export function publicKeys(keys: { access: JWK; id: JWK }): { keys: JWK[] } {
  return { keys: [keys.id, keys.access].map(({ kty, n, e, kid, alg, use }) => ({ alg, e, kid, kty, n, use })) };
}
