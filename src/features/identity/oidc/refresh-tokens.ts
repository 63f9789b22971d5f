import type { IncomingMessage, ServerResponse } from "node:http";
import inject from "light-my-request";
import { internalError, unavailable } from "../../../foundation/errors/common.ts";
import { firstPartyClientId } from "./create-provider.ts";
import { invalidRefreshToken } from "./errors.ts";
import { type TokenPair, toTokenPair } from "./issue-tokens.ts";

/** Asks the authorization server, without the network. */
export type AskProvider = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Longest text that is looked at; ours have 43 characters. */
const longestToken = 512;

/**
 * New tokens for a refresh token, which counts once: our own token endpoint is asked, in this process, as any client
 * would ask it.
 *
 * @throws invalid-refresh-token when it is unknown, expired, ended, of an account that may not act, or was used before;
 *   the last two end the log-in
 * @throws unavailable, internal-error when the server failed; the token still counts
 */
export async function refreshTokens(deps: { ask: AskProvider }, refreshToken: string): Promise<TokenPair> {
  if (refreshToken.length > longestToken) throw invalidRefreshToken();
  const answer = await inject((request, response) => void deps.ask(request as never, response as never), {
    method: "POST",
    url: "/oidc/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: firstPartyClientId,
      refresh_token: refreshToken,
    }).toString(),
  });
  if (answer.statusCode === 503) throw unavailable();
  if (answer.statusCode >= 500) throw internalError();
  if (answer.statusCode !== 200) throw invalidRefreshToken();
  const body: { access_token: string; refresh_token: string } = answer.json();
  return toTokenPair(body.access_token, body.refresh_token);
}
