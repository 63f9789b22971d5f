import type { Db } from "../../../../foundation/database/index.ts";
import { findUserByEmail } from "../../../users/index.ts";
import { findIdentity } from "../../identities.queries.ts";
import type { IdentityProvider } from "../../identity-provider.ts";
import type { Tokens } from "../../oidc/index.ts";
import { nobody } from "../../one-time-secret.ts";
import type { PasswordHashing } from "./hash-password.ts";

const name = "embedded";

/** Identities kept by Usher itself: passwords as argon2id hashes beside the user, codes and log-ins our own. */
export function createEmbeddedProvider(deps: {
  db: Db;
  tokens: Pick<Tokens, "issue">;
  hashing: PasswordHashing;
}): IdentityProvider {
  const { db, tokens, hashing } = deps;
  const keep = async (userId: string, password: string | null) => ({
    subject: userId,
    username: null,
    passwordHash: password === null ? null : await hashing.hash(password),
  });
  return {
    name,
    issuer: name,
    pool: undefined,
    passwords: hashing,
    createAccount: ({ userId, password }) => keep(userId, password),
    createProvenAccount: ({ userId, password }) => keep(userId, password),
    checkPassword: async ({ email, password }) => {
      const user = await findUserByEmail(db, email);
      const identity = await findIdentity(db, user?.user_id ?? nobody, name);
      if (!(await hashing.verify(identity?.password_hash, password)) || !identity) return undefined;
      const stillCounts = async (trx: Db) =>
        (await findIdentity(trx, identity.user_id, name))?.password_hash === identity.password_hash;
      return {
        userId: identity.user_id,
        emailProven: false,
        openSession: async (trx) =>
          (await stillCounts(trx)) ? tokens.issue(trx, { userId: identity.user_id }) : undefined,
        hold: async (trx) => ((await stillCounts(trx)) ? {} : undefined),
        abandon: async () => {},
      };
    },
  };
}
