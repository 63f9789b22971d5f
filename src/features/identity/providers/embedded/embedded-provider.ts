import type { IdentityProvider } from "../../identity-provider.ts";
import { createPasswordHashing, type PasswordHashing } from "./hash-password.ts";

/** Identities kept by Usher itself: passwords as argon2id hashes beside the user. */
export function createEmbeddedProvider(hashing: PasswordHashing = createPasswordHashing()): IdentityProvider {
  return {
    name: "embedded",
    issuer: "embedded",
    createAccount: async ({ userId, password }) => ({
      subject: userId,
      username: null,
      passwordHash: password === null ? null : await hashing.hash(password),
    }),
    checkPassword: (identity, password) => hashing.verify(identity?.password_hash, password),
    replacePassword: async (_identity, password) => ({ passwordHash: await hashing.hash(password) }),
  };
}
