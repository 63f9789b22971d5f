import { findAccount } from "./accounts.ts";
import { refusedPassword } from "./sign-up.ts";
import type { UserPool } from "./user-pool.ts";

/** Refusals that tell of an account, and therefore are told to nobody. */
const silent = [
  "CodeDeliveryFailureException",
  "CodeMismatchException",
  "ExpiredCodeException",
  "InvalidParameterException",
  "LimitExceededException",
  "NotAuthorizedException",
  "TooManyFailedAttemptsException",
  "UserNotConfirmedException",
  "UserNotFoundException",
  "AliasExistsException",
] as const;

/** Has Cognito mail a code. Unknown, confirmed, disabled and exhausted accounts all look like a sent one. */
export async function sendCode(
  pool: UserPool,
  purpose: "confirm-email" | "reset-password",
  email: string,
): Promise<void> {
  const input = { ClientId: pool.clientId, SecretHash: pool.hashFor(email), Username: email };
  await pool.ask<unknown, (typeof silent)[number]>(
    (cognito) => (purpose === "confirm-email" ? cognito.resendConfirmationCode(input) : cognito.forgotPassword(input)),
    silent,
  );
}

/**
 * Whether the code was right, or the pool has the address confirmed already: then an earlier answer got lost, and our
 * record follows. The second question is asked after every refusal, so that its time tells nothing.
 */
export async function confirmEmail(pool: UserPool, { email, code }: { email: string; code: string }): Promise<boolean> {
  const answer = await pool.ask(
    (cognito) =>
      cognito.confirmSignUp({
        ClientId: pool.clientId,
        SecretHash: pool.hashFor(email),
        Username: email,
        ConfirmationCode: code,
      }),
    silent,
  );
  if (!answer.refused) return true;
  return (await findAccount(pool, email))?.confirmed ?? false;
}

/** Sets the new password with the code. @throws invalid-request naming `new_password`; too-many-requests; unavailable */
export async function resetPassword(
  pool: UserPool,
  { email, code, newPassword }: { email: string; code: string; newPassword: string },
): Promise<boolean> {
  const answer = await pool.ask(
    (cognito) =>
      cognito.confirmForgotPassword({
        ClientId: pool.clientId,
        SecretHash: pool.hashFor(email),
        Username: email,
        ConfirmationCode: code,
        Password: newPassword,
      }),
    [...silent, "InvalidPasswordException", "PasswordHistoryPolicyViolationException"],
  );
  if (!answer.refused) return true;
  if (answer.refused === "InvalidPasswordException") throw refusedPassword("new_password", answer.error);
  if (answer.refused === "PasswordHistoryPolicyViolationException")
    throw refusedPassword("new_password", new Error("Policy: used before"));
  return false;
}
