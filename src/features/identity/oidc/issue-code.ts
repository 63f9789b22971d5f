import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import type { IssueDeps } from "./issue-tokens.ts";

/** What a person allowed an app. */
export type AllowedApp = {
  userId: string;
  clientId: string;
  redirectUri: string;
  /** At least `openid`; the permissions among them are what the app may use of the person's. */
  scope: readonly string[];
  nonce: string | undefined;
  /** S256 (RFC 7636). */
  codeChallenge: string;
};

/**
 * Makes the code that an app exchanges for tokens at the token endpoint: a Grant (the app's log-in for the person) and
 * an AuthorizationCode, as oidc-provider's own authorization endpoint would. Counts once, for a minute.
 *
 * @throws Error when the client is gone
 */
export async function issueCode(
  { provider, transactions, publicUrl }: Pick<IssueDeps, "provider" | "transactions" | "publicUrl">,
  trx: Transaction<Database>,
  app: AllowedApp,
): Promise<string> {
  return transactions.within(trx, async () => {
    const client = await provider.Client.find(app.clientId);
    if (!client) throw new Error("The app was deleted while it was being allowed.");
    const scope = app.scope.join(" ");
    const grant = new provider.Grant({ accountId: app.userId, clientId: app.clientId });
    grant.addOIDCScope("openid");
    grant.addResourceScope(publicUrl, scope);
    const code = new provider.AuthorizationCode({
      accountId: app.userId,
      client,
      grantId: await grant.save(),
      redirectUri: app.redirectUri,
      resource: publicUrl,
      scope,
      codeChallenge: app.codeChallenge,
      codeChallengeMethod: "S256",
      ...(app.nonce === undefined ? {} : { nonce: app.nonce }),
    } as never);
    return code.save();
  });
}
