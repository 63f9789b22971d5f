import { CompactSign, compactVerify, importJWK, type JSONWebKeySet, type JWK } from "jose";
import type { SigningKey } from "../../foundation/crypto/index.ts";
import { canonicalJson } from "./canonical-json.ts";

/** What a checkpoint states about the journal's first `size` entries. Roots are in hex. */
export type CheckpointStatement = {
  issuer: "usher";
  size: number;
  root: string;
  /** 0 and null for the first checkpoint. */
  previousSize: number;
  previousRoot: string | null;
  /** ISO 8601 in UTC with milliseconds. */
  signedAt: string;
};

const type = "usher-checkpoint";

/** Signs a statement: JWS in compact form (RFC 7515) with Ed25519 (RFC 8037, RFC 9864). */
export async function signCheckpoint(key: SigningKey, statement: CheckpointStatement): Promise<string> {
  return new CompactSign(Buffer.from(canonicalJson(statement)))
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: type })
    .sign(await importJWK(key, key.alg));
}

/** The part of a signing key that anyone may have, and needs to check signatures. */
export function toPublicJwk({ kty, crv, x, kid, alg, use }: SigningKey): JWK {
  return { kty, crv, x, kid, alg, use };
}

/** A statement, and the id of the key it says it is signed with. */
export type CheckedStatement = { kid: string; statement: CheckpointStatement };

/** Checks one signed statement: gives it back, or the words that say what is wrong with it. */
export type StatementCheck = (statement: string) => Promise<CheckedStatement | { wrong: string }>;

/**
 * Makes the check against pinned public keys. Without keys, statements are read but their signatures not checked.
 */
export async function createStatementCheck(keys: JSONWebKeySet | undefined): Promise<StatementCheck> {
  const known =
    keys && new Map(await Promise.all(keys.keys.map(async (jwk) => [jwk.kid, await importJWK(jwk)] as const)));
  return async (jws) => {
    const parts = readStatement(jws);
    if (!parts) return { wrong: "is not a signed statement" };
    const { kid } = parts;
    if (!known) return parts;
    const key = known.get(kid);
    if (!key) return { wrong: `is signed with the key "${kid}", which is none of the known ones` };
    try {
      const { protectedHeader } = await compactVerify(jws, key, { algorithms: ["Ed25519", "EdDSA"] });
      return protectedHeader.typ === type ? parts : { wrong: "is signed, but not as a checkpoint" };
    } catch {
      return { wrong: `does not carry a valid signature of the key "${kid}"` };
    }
  };
}

function readStatement(jws: string): CheckedStatement | undefined {
  const [header, payload] = jws.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
  try {
    const { kid } = JSON.parse(header ?? "") as { kid: unknown };
    const statement = JSON.parse(payload ?? "") as CheckpointStatement;
    const readable = Number.isSafeInteger(statement.size) && typeof statement.root === "string";
    return readable && statement.issuer === "usher" ? { kid: String(kid), statement } : undefined;
  } catch {
    // Not JSON: said by the answer.
    return undefined;
  }
}
