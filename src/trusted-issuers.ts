import type { IssuerSettings } from "./features/identity/index.ts";
import { BadVariable, type Variable } from "./foundation/config/index.ts";

const kinds = ["access-token", "id-token", "cognito"] as const;
/** Asymmetric ones only: a public key must not pass for a shared secret (RFC 8725, section 3.1). */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const members = ["issuer", "kind", "audience", "clients", "algorithms", "jwks_uri"];

/** The variable TRUSTED_ISSUERS: a JSON list of those whose tokens are accepted. */
export const trustedIssuers: Variable<readonly IssuerSettings[]> = {
  about:
    "Whose tokens are accepted beside our own: a JSON list of {issuer, kind, audience, clients, algorithms, jwks_uri}",
  read: (given) => {
    if (given === undefined) return [];
    const list = parse(given);
    if (!Array.isArray(list)) throw new BadVariable("must be a JSON list.");
    const read = list.map(readIssuer);
    const issuers = read.map(({ issuer }) => issuer);
    if (new Set(issuers).size < issuers.length) throw new BadVariable("names an issuer twice.");
    return read;
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadVariable("must be a JSON list.");
  }
}

function readIssuer(entry: unknown, index: number): IssuerSettings {
  const bad = (sentence: string) => new BadVariable(`entry ${index + 1}: ${sentence}`);
  if (typeof entry !== "object" || entry === null) throw bad("must be an object.");
  const { issuer, kind, audience, clients, jwks_uri: jwksUri, ...rest } = entry as Record<string, unknown>;
  const unknown = Object.keys(entry).find((name) => !members.includes(name));
  if (unknown !== undefined) throw bad(`${unknown} is not known; known are ${members.join(", ")}.`);
  if (!isAddress(issuer)) throw bad("issuer must be a URL, letter by letter as it stands in its tokens.");
  if (jwksUri !== undefined && !isAddress(jwksUri)) throw bad("jwks_uri must be a URL.");
  const found = kinds.find((word) => word === kind);
  if (!found) throw bad(`kind must be one of ${kinds.join(", ")}.`);
  const accepted = listOf(rest.algorithms ?? ["RS256"]);
  if (!accepted?.every((name) => algorithms.includes(name)))
    throw bad(`algorithms must be a list of ${algorithms.join(", ")}.`);
  const audiences = listOf(audience ?? []);
  const clientIds = listOf(clients ?? []);
  if (!audiences || !clientIds) throw bad("audience and clients must be lists of texts.");
  if (found === "access-token" && audiences.length === 0) throw bad("audience must say for whom its tokens are made.");
  if (found !== "access-token" && clientIds.length === 0) throw bad("clients must list the clients that may be used.");
  return { issuer, kind: found, audiences, clients: clientIds, algorithms: accepted, ...(jwksUri ? { jwksUri } : {}) };
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");
}

function listOf(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "") ? value : undefined;
}
