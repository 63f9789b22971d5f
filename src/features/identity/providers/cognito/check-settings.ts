import type { UserPoolClientType, UserPoolType } from "@aws-sdk/client-cognito-identity-provider";
import type { UserPool } from "./user-pool.ts";

/** One thing that may be wrong, and the sentence that names it. */
type Rule<Subject> = readonly [wrong: (subject: Subject) => boolean, sentence: string];

const hour = 3600;
const unitSeconds = { seconds: 1, minutes: 60, hours: hour, days: 24 * hour };

// biome-ignore format: a table reads best aligned
const clientRules: readonly Rule<UserPoolClientType>[] = [
  [(client) => client.PreventUserExistenceErrors !== "ENABLED", "its app client tells who has an account: set PreventUserExistenceErrors to ENABLED"],
  [(client) => !client.ExplicitAuthFlows?.includes("ALLOW_USER_PASSWORD_AUTH"), "nobody can log in: allow ALLOW_USER_PASSWORD_AUTH on the app client"],
  [(client) => client.EnableTokenRevocation === false, "its refresh tokens cannot be revoked: set EnableTokenRevocation"],
  [(client) => client.RefreshTokenRotation?.Feature !== "ENABLED", "a stolen refresh token goes on counting unseen: enable refresh token rotation"],
  [(client) => accessTokenSeconds(client) > hour, "its access tokens live for more than an hour, which other services cannot cut short: shorten AccessTokenValidity"],
];

// biome-ignore format: a table reads best aligned
const poolRules: readonly Rule<UserPoolType>[] = [
  [(pool) => !pool.AutoVerifiedAttributes?.includes("email"), "no confirmation code is mailed: add email to AutoVerifiedAttributes"],
  [(pool) => pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true, "nobody can register: allow self-registration (AllowAdminCreateUserOnly is set)"],
  [(pool) => pool.MfaConfiguration === "ON", "nobody can log in: its own second factor is required, which Usher does not ask for; use Usher's"],
  [(pool) => pool.UsernameConfiguration?.CaseSensitive !== false, "two accounts may hold one address in different case: only a new pool can be case-insensitive"],
  [(pool) => (pool.Policies?.PasswordPolicy?.MinimumLength ?? 0) < 8, "it takes passwords of less than 8 characters from other clients: raise MinimumLength"],
  [(pool) => pool.LambdaConfig?.PreSignUp !== undefined, "its PreSignUp trigger may confirm addresses that nobody has proven: check it"],
  [(pool) => pool.DeletionProtection !== "ACTIVE", "it can be deleted by mistake with every account in it: activate DeletionProtection"],
  [(pool) => resetsWithoutEmail(pool), "passwords cannot be reset by mail: put verified_email into AccountRecoverySetting"],
];

function accessTokenSeconds({ AccessTokenValidity, TokenValidityUnits }: UserPoolClientType): number {
  return (AccessTokenValidity ?? 1) * unitSeconds[TokenValidityUnits?.AccessToken ?? "hours"];
}

function resetsWithoutEmail({ AccountRecoverySetting }: UserPoolType): boolean {
  const mechanisms = AccountRecoverySetting?.RecoveryMechanisms ?? [];
  return mechanisms.length > 0 && !mechanisms.some(({ Name }) => Name === "verified_email");
}

/** Reads the pool's and the client's settings and names what is dangerous in them, in sentences for the operator. */
export async function checkSettings(pool: UserPool): Promise<string[]> {
  const known = ["AccessDeniedException", "NotAuthorizedException", "ResourceNotFoundException"] as const;
  const ofPool = { UserPoolId: pool.userPoolId };
  const ofClient = { ...ofPool, ClientId: pool.clientId };
  const [described, client] = await Promise.all([
    pool.ask((cognito) => cognito.describeUserPool(ofPool), known),
    pool.ask((cognito) => cognito.describeUserPoolClient(ofClient), known),
  ]);
  if (described.refused === "ResourceNotFoundException" || client.refused === "ResourceNotFoundException")
    return [
      "The Cognito user pool or its app client does not exist: check COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID.",
    ];
  const { UserPool: poolSettings } = described.output ?? {};
  const { UserPoolClient: clientSettings } = client.output ?? {};
  if (!poolSettings || !clientSettings)
    return [
      "The Cognito user pool's settings could not be checked: allow DescribeUserPool and DescribeUserPoolClient.",
    ];
  const sentences = [...judge(poolRules, poolSettings), ...judge(clientRules, clientSettings)];
  if ((clientSettings.ClientSecret ?? undefined) !== pool.clientSecret)
    sentences.push("every call will be refused: COGNITO_CLIENT_SECRET is not the app client's secret");
  return sentences.map((sentence) => `The Cognito user pool: ${sentence}.`);
}

function judge<Subject>(rules: readonly Rule<Subject>[], subject: Subject): string[] {
  return rules.filter(([wrong]) => wrong(subject)).map(([, sentence]) => sentence);
}
