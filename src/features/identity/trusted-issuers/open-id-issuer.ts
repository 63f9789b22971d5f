import { secondsClaim, type TrustedIssuer, textClaim } from "./trusted-issuer.ts";

/** One entry of TRUSTED_ISSUERS. */
export type IssuerSettings = {
  issuer: string;
  /**
   * `access-token`: RFC 9068, `typ` at+jwt, `aud` ours · `id-token`: OpenID Connect Core, `aud` one of our clients ·
   * `cognito`: a user pool's access token, `client_id` one of our clients.
   */
  kind: "access-token" | "id-token" | "cognito";
  /** Of whom at least one must stand in `aud`. */
  audiences: readonly string[];
  clients: readonly string[];
  algorithms: readonly string[];
  /** Asked of the issuer's discovery document where it is not given. */
  jwksUri?: string;
};

type Claims = Parameters<TrustedIssuer["refuse"]>[0];
type Header = Parameters<TrustedIssuer["refuse"]>[1];

const kinds = { "access-token": refuseAccessToken, "id-token": refuseIdToken, cognito: refuseCognito };

/** An issuer of the configuration, as the verifier takes it. */
export function openIdIssuer(settings: IssuerSettings): TrustedIssuer {
  return {
    issuer: settings.issuer,
    jwksUri: settings.jwksUri,
    algorithms: settings.algorithms,
    requiredClaims: settings.kind === "cognito" ? ["token_use", "client_id"] : ["aud"],
    refuse: (claims, header) => kinds[settings.kind](settings, claims, header),
    // Without a session id, everything of the subject counts as one log-in; it can be ended as a whole only.
    loginOf: (claims) => textClaim(claims, "sid") ?? textClaim(claims, "origin_jti") ?? `${claims.sub}`,
    loginAt: (claims) => secondsClaim(claims, "auth_time") ?? claims.iat ?? 0,
    clientOf: (claims) => textClaim(claims, "client_id") ?? textClaim(claims, "azp") ?? "",
  };
}

function refuseAccessToken({ audiences, clients }: IssuerSettings, claims: Claims, header: Header): string | undefined {
  if (!isTyped(header, ["at+jwt", "application/at+jwt"])) return "The token is not an access token (RFC 9068).";
  if (!isFor(claims, audiences)) return "The token was made for another audience.";
  if (clients.length > 0 && !clients.includes(textClaim(claims, "client_id") ?? ""))
    return "The token was made for a client that is not listed.";
  return undefined;
}

/** An ID token says nothing of its kind; what an access token or a log-out token carries is refused. */
function refuseIdToken({ clients }: IssuerSettings, claims: Claims, header: Header): string | undefined {
  const another = "token_use" in claims ? claims.token_use !== "id" : "events" in claims || "scope" in claims;
  if (!isTyped(header, [undefined, "jwt"]) || another) return "The token is not an ID token.";
  if (!isFor(claims, clients)) return "The token was made for another client.";
  const party = textClaim(claims, "azp");
  if (party === undefined ? [claims.aud].flat().length > 1 : !clients.includes(party))
    return "The token was made for another client.";
  return undefined;
}

function refuseCognito({ clients }: IssuerSettings, claims: Claims): string | undefined {
  if (claims.token_use !== "access") return "The token is not an access token of the user pool.";
  if (!clients.includes(textClaim(claims, "client_id") ?? "")) return "The token was made for another client.";
  return undefined;
}

function isFor({ aud }: Claims, accepted: readonly string[]): boolean {
  return [aud].flat().some((audience) => audience !== undefined && accepted.includes(audience));
}

function isTyped({ typ }: Header, accepted: readonly (string | undefined)[]): boolean {
  return accepted.includes(typeof typ === "string" ? typ.toLowerCase() : typ);
}
