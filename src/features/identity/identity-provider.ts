import type { IdentityRow } from "./tables.ts";

/** What a provider made of a new account. */
export type ProviderAccount = {
  /** The account's stable name at the provider; unique within its issuer. */
  subject: string;
  /** The name that PCX calls `cognito_username`; null where the provider has none. */
  username: string | null;
  /** Null where the provider keeps the password itself. */
  passwordHash: string | null;
};

/**
 * Where passwords are kept and checked. Everything here is slow or outside, so it is called before or after a
 * transaction, never inside. Sessions, codes, throttles and rules about passwords are ours, whatever the provider.
 */
export type IdentityProvider = {
  /** As stored in `identities.provider`. */
  readonly name: string;
  /** As stored in `identities.issuer`. */
  readonly issuer: string;
  /** Makes the account; without a password it cannot log in by one. @throws unavailable */
  createAccount(account: { userId: string; email: string; password: string | null }): Promise<ProviderAccount>;
  /** Whether the password is right; takes the same time where there is no identity. @throws unavailable */
  checkPassword(identity: IdentityRow | undefined, password: string): Promise<boolean>;
  /** Prepares a new password; the answer is stored when its transaction commits. @throws unavailable */
  replacePassword(identity: IdentityRow | undefined, password: string): Promise<{ passwordHash: string | null }>;
};
