import type { Db } from "../../../foundation/database/index.ts";
import { permissionNames } from "../../access/index.ts";
import { findServiceAccount } from "../service-accounts/index.ts";

/** An app's request that a person may allow. */
export type Authorization = {
  clientId: string;
  appName: string;
  redirectUri: string;
  scope: readonly string[];
  state: string | undefined;
  nonce: string | undefined;
  codeChallenge: string;
};

/**
 * What became of reading a request. `refused` goes back to the app; `unusable` is shown to the person, because an
 * address that is not the app's own must not be followed (RFC 9700, section 4.11).
 */
export type ReadAuthorization =
  | { kind: "good"; request: Authorization }
  | { kind: "refused"; location: string }
  | { kind: "unusable"; sentence: string };

const longest = 1024;
const clientIdForm = /^svc-[0-9a-f-]{36}$/;

/** Reads an authorization request (OAuth 2.1 with PKCE, OpenID Connect Core 3.1.2.1); every parameter counts once. */
export async function readAuthorization(
  { db, publicUrl }: { db: Db; publicUrl: string },
  given: Readonly<Record<string, unknown>>,
): Promise<ReadAuthorization> {
  const texts = Object.entries(given).every(([, value]) => typeof value === "string" && value.length <= longest);
  if (!texts) return { kind: "unusable", sentence: "A parameter stands twice or is too long." };
  const params = given as Readonly<Record<string, string | undefined>>;
  const { client_id: clientId = "", redirect_uri: redirectUri = "", state } = params;
  const app = clientIdForm.test(clientId) ? await findServiceAccount(db, clientId) : undefined;
  if (!app?.redirect_uris.includes(redirectUri)) {
    return { kind: "unusable", sentence: "The app or its return address is not registered here." };
  }
  const scope = [...new Set((params.scope ?? "openid").split(" ").filter(Boolean))];
  const error = refuse(params, scope, [...app.permissions, "openid", "offline_access"], publicUrl);
  if (error !== undefined) {
    return { kind: "refused", location: answerTo({ redirectUri, state, publicUrl }, { error }) };
  }
  const request = {
    clientId,
    appName: app.name,
    redirectUri,
    // Every token of an app has a scope: one without would carry all that the person holds.
    scope: ["openid", ...scope.filter((name) => permissionNames.some((known) => known === name))],
    state,
    nonce: params.nonce,
    codeChallenge: params.code_challenge ?? "",
  };
  return { kind: "good", request };
}

function refuse(
  params: Readonly<Record<string, string | undefined>>,
  scope: readonly string[],
  allowed: readonly string[],
  publicUrl: string,
): string | undefined {
  if (params.response_type !== "code") return "unsupported_response_type";
  if (params.request !== undefined) return "request_not_supported";
  if (params.request_uri !== undefined) return "request_uri_not_supported";
  if ((params.response_mode ?? "query") !== "query") return "invalid_request";
  if (params.code_challenge_method !== "S256") return "invalid_request";
  if (!/^[\w-]{43}$/.test(params.code_challenge ?? "")) return "invalid_request";
  if ((params.resource ?? publicUrl) !== publicUrl) return "invalid_target";
  if (!scope.every((name) => allowed.includes(name))) return "invalid_scope";
  // Nobody stays logged in here, so that nothing can be allowed without a person.
  if (params.prompt === "none") return "login_required";
  return undefined;
}

/** The address that takes an answer back to the app; `iss` says whose it is (RFC 9207). */
export function answerTo(
  { redirectUri, state, publicUrl }: { redirectUri: string; state: string | undefined; publicUrl: string },
  answer: { error: string } | { code: string },
): string {
  const url = new URL(redirectUri);
  const all = { ...answer, ...(state === undefined ? {} : { state }), iss: publicUrl };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url.href;
}
