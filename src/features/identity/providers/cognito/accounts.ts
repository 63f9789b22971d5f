import type { AttributeType } from "@aws-sdk/client-cognito-identity-provider";
import type { PoolAccount } from "../../identity-provider.ts";
import type { UserPool } from "./user-pool.ts";

/** What the pool holds for an address or a subject (Cognito takes both as user name); undefined where nothing. */
export async function findAccount({ ask, userPoolId }: UserPool, username: string): Promise<PoolAccount | undefined> {
  const { output } = await ask(
    (cognito) => cognito.adminGetUser({ UserPoolId: userPoolId, Username: username }),
    ["UserNotFoundException"],
  );
  if (!output) return undefined;
  const subject = attribute(output.UserAttributes, "sub");
  if (!subject || !output.UserCreateDate) throw new Error("Cognito described a user without sub or creation time.");
  return {
    subject,
    username: output.Username ?? subject,
    passwordHash: null,
    confirmed: output.UserStatus === "CONFIRMED" && attribute(output.UserAttributes, "email_verified") === "true",
    createdAt: output.UserCreateDate,
  };
}

function attribute(attributes: readonly AttributeType[] | undefined, name: string): string | undefined {
  return attributes?.find((one) => one.Name === name)?.Value;
}

/** Lets an account log in; or refuses it, which also ends its log-ins. An account that is gone is neither. */
export async function setAccess(pool: UserPool, subject: string, allowed: boolean): Promise<void> {
  const user = { UserPoolId: pool.userPoolId, Username: subject };
  const known = ["UserNotFoundException"] as const;
  if (allowed) {
    await pool.ask((cognito) => cognito.adminEnableUser(user), known);
    return;
  }
  const disabled = await pool.ask((cognito) => cognito.adminDisableUser(user), known);
  if (!disabled.refused) await endSessions(pool, subject);
}

/** Ends every log-in: refresh tokens die, and access tokens for Cognito's own calls. Ours end in our own record. */
export async function endSessions({ ask, userPoolId }: UserPool, subject: string): Promise<void> {
  const user = { UserPoolId: userPoolId, Username: subject };
  await ask((cognito) => cognito.adminUserGlobalSignOut(user), ["UserNotFoundException"]);
}

export async function deleteAccount({ ask, userPoolId }: UserPool, subject: string): Promise<void> {
  const user = { UserPoolId: userPoolId, Username: subject };
  await ask((cognito) => cognito.adminDeleteUser(user), ["UserNotFoundException"]);
}
