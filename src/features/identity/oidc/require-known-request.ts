import { errors, type KoaContextWithOIDC } from "oidc-provider";

/** Longest time that a client assertion may be valid; its id is remembered for as long. */
const longestAssertionSeconds = 3600;

/**
 * Our API is the only resource, and every scope that is asked for must exist: an unknown one that was silently dropped
 * would leave a token without scope, which carries all that is held.
 *
 * @throws invalid_target, invalid_scope
 */
export function requireKnownRequest(
  ctx: KoaContextWithOIDC,
  resource: string,
  known: { publicUrl: string; scopes: readonly string[] },
): void {
  if (resource !== known.publicUrl) throw new errors.InvalidTarget("the only resource is this API's own address");
  const asked = ctx.oidc.params?.scope;
  const unknown = typeof asked === "string" ? asked.split(" ").find((name) => !known.scopes.includes(name)) : undefined;
  if (unknown !== undefined) throw new errors.InvalidScope("requested scope is not known", unknown);
}

/** @throws invalid_client when a client assertion is valid for longer than an hour */
export function requireShortAssertion(claims: Record<string, unknown>): void {
  if (Number(claims.exp) - Date.now() / 1000 > longestAssertionSeconds) {
    throw new errors.InvalidClientAuth("client assertions must expire within an hour");
  }
}
