import type { Transaction } from "kysely";
import type Provider from "oidc-provider";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { Database } from "../../../foundation/database/index.ts";
import { firstPartyClientId, ourApi } from "./create-provider.ts";
import { hasSecondFactor, keepUntilIdle } from "./idle-logins.ts";
import type { RecordTransactions } from "./record-transactions.ts";
import { tokenLifetimes } from "./token-lifetimes.ts";

/** What a log-in and a refresh answer. */
export type TokenPair = {
  /** JWT of RFC 9068 (`at+jwt`, ES256). */
  accessToken: string;
  /** Counts once. */
  refreshToken: string;
  tokenType: "Bearer";
  /** Seconds that the access token lives. */
  expiresIn: number;
};

/** A log-in that begins. `amr` says with which proofs, where there were two (RFC 8176). */
export type NewLogin = { userId: string; amr?: readonly string[] };

export type IssueDeps = {
  clock: Clock;
  provider: Provider;
  transactions: RecordTransactions;
  publicUrl: string;
  kid: string;
};

/**
 * Makes the tokens of a new log-in with oidc-provider's own models, as its token endpoint would: a Grant (the log-in),
 * a refresh token and an access token. Writes two rows in the caller's transaction, which should also hold the check
 * that the account may act, or an account that is blocked meanwhile keeps this log-in.
 */
export async function issueTokens(
  deps: IssueDeps,
  trx: Transaction<Database>,
  { userId, amr }: NewLogin,
): Promise<TokenPair> {
  const { provider, publicUrl } = deps;
  return deps.transactions.within(trx, async () => {
    const client = await provider.Client.find(firstPartyClientId);
    if (!client) throw new Error("The first-party client is missing from the authorization server's configuration.");
    const grant = new provider.Grant({ accountId: userId, clientId: firstPartyClientId });
    const login = { accountId: userId, client, grantId: await grant.save(), gty: "first_party" };
    const refreshToken = new provider.RefreshToken({ ...login, scope: "", resource: publicUrl, rotations: 0 });
    const accessToken = new provider.AccessToken({
      ...login,
      resourceServer: new provider.ResourceServer(publicUrl, ourApi(publicUrl, deps.kid)),
    });
    if (amr) for (const token of [refreshToken, accessToken]) Object.assign(token, { amr });
    const pair = toTokenPair(await accessToken.save(), await refreshToken.save());
    if (hasSecondFactor(amr)) await keepUntilIdle(deps, trx, [login.grantId]);
    return pair;
  });
}

/** The pair in our API's words. */
export function toTokenPair(accessToken: string, refreshToken: string): TokenPair {
  return { accessToken, refreshToken, tokenType: "Bearer", expiresIn: tokenLifetimes.accessTokenSeconds };
}
