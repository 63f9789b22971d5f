import { randomBytes } from "node:crypto";
import { invalidRequest, unavailable } from "../../../../foundation/errors/common.ts";
import { emailTaken } from "../../../users/index.ts";
import type { ProviderAccount } from "../../identity-provider.ts";
import { findAccount } from "./accounts.ts";
import type { UserPool } from "./user-pool.ts";

/** Errors after which the account exists all the same: only the mail did not go out (AWS API reference, SignUp). */
const madeWithoutMail = ["LimitExceededException", "CodeDeliveryFailureException"] as const;

/**
 * SignUp: Cognito makes the account and mails the code. Where its quota of mails is spent the account exists without a
 * mail; the registration goes on, and POST /users/resend-code brings the code.
 *
 * @throws email-already-exists; invalid-request naming `password`; too-many-requests; unavailable
 */
export async function signUp(
  pool: UserPool,
  { email, password }: { email: string; password: string },
): Promise<ProviderAccount> {
  const answer = await pool.ask(
    (cognito) =>
      cognito.signUp({
        ClientId: pool.clientId,
        SecretHash: pool.hashFor(email),
        Username: email,
        Password: password,
        UserAttributes: [{ Name: "email", Value: email }],
      }),
    ["UsernameExistsException", "InvalidPasswordException", ...madeWithoutMail],
  );
  if (answer.refused === "UsernameExistsException") throw emailTaken({ cause: answer.error });
  if (answer.refused === "InvalidPasswordException") throw refusedPassword("password", answer.error);
  if (answer.refused === undefined && answer.output.UserSub !== undefined) {
    const subject = answer.output.UserSub;
    return { subject, username: subject, passwordHash: null };
  }
  const made = await findAccount(pool, email);
  if (!made) throw unavailable({ detail: "The identity provider made no account.", retryAfterSeconds: 5 });
  return made;
}

/** The pool's policy, which may ask for more than ours. Cognito's sentence names the rule and nothing of the password. */
export function refusedPassword(field: string, error: Error) {
  const rule = /: ([A-Za-z][A-Za-z ,.-]{2,80})$/.exec(error.message)?.[1];
  return invalidRequest({
    errors: { [field]: [`does not fit the identity provider's rules${rule ? `: ${rule.toLowerCase()}` : ""}`] },
    cause: error,
  });
}

/** An account that may log in at once, its address counted as proven; or the one that is there already. */
export async function createProvenAccount(
  pool: UserPool,
  { email, password }: { email: string; password: string | null },
): Promise<ProviderAccount> {
  const user = { UserPoolId: pool.userPoolId, Username: email };
  const made = await pool.ask(
    (cognito) =>
      cognito.adminCreateUser({
        ...user,
        MessageAction: "SUPPRESS",
        UserAttributes: [
          { Name: "email", Value: email },
          { Name: "email_verified", Value: "true" },
        ],
      }),
    ["UsernameExistsException"],
  );
  if (!made.refused) {
    // Nobody knows this one: the way in is a password reset.
    const secret = password ?? `aA1!${randomBytes(24).toString("base64url")}`;
    const set = await pool.ask(
      (cognito) => cognito.adminSetUserPassword({ ...user, Password: secret, Permanent: true }),
      ["InvalidPasswordException"],
    );
    if (set.refused) throw refusedPassword("BOOTSTRAP_ADMIN_PASSWORD", set.error);
  }
  const account = await findAccount(pool, email);
  if (!account) throw unavailable({ detail: "The identity provider made no account.", retryAfterSeconds: 5 });
  return account;
}
