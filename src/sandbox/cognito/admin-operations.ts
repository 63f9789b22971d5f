import { type Account, hashPassword } from "./account.ts";
import { checkPolicy } from "./password-policy.ts";
import type { CallBody, Operation, Pool } from "./pool.ts";
import { attributeOf, requirePool, textOf } from "./read-body.ts";
import { refusals } from "./refusal.ts";
import { attributesOf, endSignIns } from "./sign-in-operations.ts";
import { createAccount, saveChanged } from "./sign-up-operations.ts";

/** Makes an account whose first password must be changed, without a mail (MessageAction SUPPRESS). */
export const adminCreateUser: Operation = (pool, body) => {
  requirePool(pool, body);
  const username = textOf(body, "Username");
  if (pool.store.findAccount(username)) throw refusals.exists();
  const emailVerified = attributeOf(body, "email_verified") === "true";
  const account = createAccount(pool, username, { status: "FORCE_CHANGE_PASSWORD", emailVerified });
  return { User: { ...describe(account), Attributes: attributesOf(account) } };
};

/** With Permanent, the account is confirmed and may sign in. */
export const adminSetUserPassword: Operation = (pool, body) => {
  const account = requireAccount(pool, body);
  const password = textOf(body, "Password");
  checkPolicy(pool, password);
  const status = body.Permanent === true ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD";
  saveChanged(pool, { ...account, status, password: hashPassword(password) });
  return {};
};

export const adminGetUser: Operation = (pool, body) => {
  const account = requireAccount(pool, body);
  return { ...describe(account), UserAttributes: attributesOf(account) };
};

/** Refuses sign-in and refresh, and revokes the access tokens. */
export const adminDisableUser: Operation = (pool, body) => {
  saveChanged(pool, { ...requireAccount(pool, body), enabled: false });
  return {};
};

export const adminEnableUser: Operation = (pool, body) => {
  saveChanged(pool, { ...requireAccount(pool, body), enabled: true });
  return {};
};

export const adminUserGlobalSignOut: Operation = (pool, body) => {
  endSignIns(pool, requireAccount(pool, body));
  return {};
};

export const adminDeleteUser: Operation = (pool, body) => {
  const account = requireAccount(pool, body);
  endSignIns(pool, account);
  pool.store.deleteAccount(account);
  return {};
};

function requireAccount(pool: Pool, body: CallBody): Account {
  requirePool(pool, body);
  const account = pool.store.findAccount(textOf(body, "Username"));
  if (!account) throw refusals.unknownUser();
  return account;
}

/** Times are seconds since 1970 on the wire. */
function describe(account: Account): object {
  return {
    Username: account.sub,
    UserCreateDate: account.createdAt / 1000,
    UserLastModifiedDate: account.modifiedAt / 1000,
    Enabled: account.enabled,
    UserStatus: account.status,
  };
}
