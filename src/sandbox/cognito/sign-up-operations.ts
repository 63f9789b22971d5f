import { randomUUID } from "node:crypto";
import { type Account, hashPassword } from "./account.ts";
import { consumeCode, deliveryDetails, sendCode } from "./codes.ts";
import { checkPolicy } from "./password-policy.ts";
import type { CallBody, Operation, Pool } from "./pool.ts";
import { attributeOf, checkClient, findText, textOf } from "./read-body.ts";
import { Refusal, refusals } from "./refusal.ts";

/** Makes an UNCONFIRMED account and mails its code. A mail that cannot go out leaves the account behind. */
export const signUp: Operation = async (pool, body) => {
  const email = requireEmail(pool, body);
  const password = textOf(body, "Password");
  checkPolicy(pool, password);
  if (pool.store.findAccount(email)) throw refusals.exists();
  const account = createAccount(pool, email, { status: "UNCONFIRMED", password: hashPassword(password) });
  const delivery = await sendCode(pool, account, "signUp");
  return { UserConfirmed: false, UserSub: account.sub, ...delivery };
};

/** Proves the mailbox with the code. */
export const confirmSignUp: Operation = (pool, body) => {
  const account = findByUsername(pool, body, refusals.expiredCode);
  if (account.status !== "UNCONFIRMED")
    throw new Refusal("NotAuthorizedException", `User cannot be confirmed. Current status is ${account.status}`);
  consumeCode(pool, account, "signUp", textOf(body, "ConfirmationCode"));
  saveChanged(pool, { ...account, status: "CONFIRMED", emailVerified: true });
  return {};
};

/** Mails a new code; for unknown users it only says so, where their existence is hidden. */
export const resendConfirmationCode: Operation = async (pool, body) => {
  const username = requireUsername(pool, body);
  const account = pool.store.findAccount(username);
  if (!account) return pretendDelivery(pool, username);
  if (account.status !== "UNCONFIRMED") throw refusals.parameter("User is already confirmed.");
  return sendCode(pool, account, "signUp");
};

/** Mails a code that lets a confirmed user choose a new password. */
export const forgotPassword: Operation = async (pool, body) => {
  const username = requireUsername(pool, body);
  const account = pool.store.findAccount(username);
  if (!account) return pretendDelivery(pool, username);
  if (!account.enabled) throw refusals.disabled();
  if (!account.emailVerified)
    throw refusals.parameter(
      "Cannot reset password for the user as there is no registered/verified email or phone_number",
    );
  return sendCode(pool, account, "forgotPassword");
};

/** Sets the new password with the code. Log-ins go on: ending them is the caller's business. */
export const confirmForgotPassword: Operation = (pool, body) => {
  const password = textOf(body, "Password");
  checkPolicy(pool, password);
  const account = findByUsername(pool, body, refusals.expiredCode);
  if (!account.enabled) throw refusals.disabled();
  consumeCode(pool, account, "forgotPassword", textOf(body, "ConfirmationCode"));
  const failures = { count: 0, lastAt: 0 };
  saveChanged(pool, { ...account, status: "CONFIRMED", password: hashPassword(password), failures });
  return {};
};

/** Keeps a new account. */
export function createAccount(
  pool: Pool,
  email: string,
  more: Pick<Account, "status"> & Partial<Pick<Account, "password" | "emailVerified">>,
): Account {
  const now = pool.clock.now().getTime();
  const account: Account = {
    sub: randomUUID(),
    email: email.toLowerCase(),
    emailVerified: false,
    enabled: true,
    createdAt: now,
    modifiedAt: now,
    codes: {},
    codesAskedAt: [],
    failures: { count: 0, lastAt: 0 },
    ...more,
  };
  pool.store.saveAccount(account);
  return account;
}

/** Keeps a changed account with the moment of the change. */
export function saveChanged(pool: Pool, account: Account): void {
  pool.store.saveAccount({ ...account, modifiedAt: pool.clock.now().getTime() });
}

function requireUsername(pool: Pool, body: CallBody): string {
  const username = textOf(body, "Username");
  checkClient(pool, body, { username, secretHash: findText(body, "SecretHash") });
  return username;
}

function requireEmail(pool: Pool, body: CallBody): string {
  const username = requireUsername(pool, body);
  const email = attributeOf(body, "email") ?? username;
  if (!/^[^@\s]+@[^@\s]+$/.test(username) || email.toLowerCase() !== username.toLowerCase())
    throw refusals.parameter("Username should be an email.");
  return email;
}

function findByUsername(pool: Pool, body: CallBody, hidden: () => Refusal): Account {
  const account = pool.store.findAccount(requireUsername(pool, body));
  if (account) return account;
  throw pool.settings.preventUserExistenceErrors === "ENABLED" ? hidden() : refusals.unknownUser();
}

function pretendDelivery(pool: Pool, username: string): object {
  if (pool.settings.preventUserExistenceErrors !== "ENABLED") throw refusals.unknownUser();
  return deliveryDetails(username);
}
