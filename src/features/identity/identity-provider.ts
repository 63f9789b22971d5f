import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { TokenPair } from "./oidc/index.ts";
import type { PasswordHashing } from "./providers/embedded/hash-password.ts";

/** What a provider made of a new account. */
export type ProviderAccount = {
  /** The account's stable name at the provider; unique within its issuer. */
  subject: string;
  /** The name that PCX calls `cognito_username`; null where the provider has none. */
  username: string | null;
  /** Null where the provider keeps the password itself. */
  passwordHash: string | null;
};

export type NewAccount = { userId: string; email: string; password: string };

/** A password that was right, and what follows from it. */
export type PasswordProof = {
  userId: string;
  /** Whether the provider has seen the mailbox proven; ours is then behind and follows. */
  emailProven: boolean;
  /**
   * The tokens of the new log-in, in the transaction that holds the user's lock; undefined where the proof was
   * overtaken, such as by a password reset.
   */
  openSession(trx: Transaction<Database>): Promise<TokenPair | undefined>;
  /**
   * The same for a log-in that has to wait for its second factor: no tokens of ours are made, and those that the
   * provider has issued already are given to be held back, with its name for the log-in.
   */
  hold(trx: Transaction<Database>): Promise<HeldLogIn | undefined>;
  /** Takes back what the provider began outside, when the log-in is refused after all. Never rejects. */
  abandon(): Promise<void>;
};

/** A right password of an outside pool's account that nobody here is linked with, its mailbox proven to the pool. */
export type StrangerProof = {
  account: ProviderAccount;
  /** As in `PasswordProof`. */
  abandon(): Promise<void>;
};

/** What an outside pool has issued before the second factor; nothing where the tokens will be ours. */
export type HeldLogIn = { tokens?: TokenPair; foreignLogin?: string };

/**
 * Who keeps accounts and passwords: Usher itself, or an outside pool. Everything here is slow or outside, so it is
 * called before or after a transaction, never inside; `openSession` alone takes part in one.
 */
export type IdentityProvider = AccountKeeper & (OwnKeeping | PoolKeeping);

/** Codes, passwords and log-ins are ours. */
type OwnKeeping = { readonly pool: undefined; readonly passwords: PasswordHashing };

/** Codes, passwords and log-ins are an outside pool's. */
type PoolKeeping = { readonly pool: AccountPool };

type AccountKeeper = {
  /** As stored in `identities.provider`. */
  readonly name: string;
  /** As stored in `identities.issuer`. */
  readonly issuer: string;
  /**
   * Makes an account whose mailbox is not proven yet.
   *
   * @throws email-already-exists where an outside pool has it; invalid-request naming `password`; too-many-requests;
   *   unavailable
   */
  createAccount(account: NewAccount): Promise<ProviderAccount>;
  /**
   * Makes an account that may log in at once, the first admin's; without a password a reset is the way in. Where an
   * outside pool has it already, that one is given, with its password.
   *
   * @throws unavailable
   */
  createProvenAccount(account: Omit<NewAccount, "password"> & { password: string | null }): Promise<ProviderAccount>;
  /**
   * Checks a password. Unknown address and wrong password are both undefined and take the same time. `email` is
   * normalised.
   *
   * @throws email-not-confirmed, further-step-required (right password only); too-many-requests; unavailable
   */
  checkPassword(input: { email: string; password: string }): Promise<PasswordProof | StrangerProof | undefined>;
};

/**
 * An outside pool of accounts, which mails and checks its own codes, keeps the passwords and issues the tokens.
 * Every call may raise too-many-requests (with the seconds to wait) and unavailable; nothing is half done then.
 */
export type AccountPool = {
  /** Finds what the pool has for an address; undefined where nothing. */
  findAccount(email: string): Promise<PoolAccount | undefined>;
  /** Has the pool mail a code. Whether there is such an account shows nowhere. */
  sendCode(purpose: "confirm-email" | "reset-password", email: string): Promise<void>;
  /** Whether the code was the right one, or the pool has seen the mailbox proven since. */
  confirmEmail(input: { email: string; code: string }): Promise<boolean>;
  /** Sets a new password and ends the pool's log-ins; false where the code does not count. @throws invalid-request */
  resetPassword(input: { email: string; code: string; newPassword: string }): Promise<boolean>;
  /** New tokens for a refresh token of the pool. @throws invalid-refresh-token */
  refresh(refreshToken: string): Promise<TokenPair>;
  /** Gives a refresh token up, and with it the log-in; says whether the pool knew it. */
  revoke(refreshToken: string): Promise<void>;
  /** Ends every log-in at the pool. No account, no error. */
  endSessions(subject: string): Promise<void>;
  /** Lets an account log in, or refuses it and ends its log-ins. Safe to repeat; no account, no error. */
  setAccess(subject: string, allowed: boolean): Promise<void>;
  /** Deletes an account for good. Safe to repeat. */
  deleteAccount(subject: string): Promise<void>;
  /** What is dangerous in the pool's settings, in sentences for the operator. Never rejects. */
  checkSettings(): Promise<string[]>;
};

/** An account as an outside pool holds it. */
export type PoolAccount = ProviderAccount & {
  /** Whether the mailbox was proven to the pool. */
  confirmed: boolean;
  createdAt: Date;
};
