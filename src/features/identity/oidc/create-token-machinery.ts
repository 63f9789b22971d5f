import type { FastifyInstance } from "fastify";
import type { Transaction } from "kysely";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash, SigningKey } from "../../../foundation/crypto/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { RateLimits } from "../../../foundation/http/index.ts";
import type { Logger } from "../../../foundation/logging/index.ts";
import { createProvider } from "./create-provider.ts";
import type { LoginEnd } from "./find-account.ts";
import { issueTokens, type TokenPair } from "./issue-tokens.ts";
import { mountProvider } from "./mount-provider.ts";
import { deleteLogin, deleteLoginsOfUser, findRecordOwner, type RecordOwner } from "./oidc-records.queries.ts";
import { recordKey } from "./record-adapter.ts";
import { createRecordTransactions } from "./record-transactions.ts";
import { refreshTokens } from "./refresh-tokens.ts";
import { createAccessTokenVerifier, type VerifiedToken } from "./verify-access-token.ts";

export type TokenMachineryDeps = {
  db: Db;
  clock: Clock;
  log: Logger;
  hash: KeyedHash;
  /** The issuer and the audience of every token; without a slash at its end. */
  publicUrl: string;
  /** ES256 keys, newest first, from `loadSigningKeys(…, "tokens")`. */
  signingKeys: readonly [SigningKey, ...SigningKey[]];
  /** From `deriveKey(masterKey, "cookie")`. */
  cookieKey: Buffer;
  /** Whether a person's account may act at this moment; asked at every refresh, in its transaction. */
  accountMayAct(db: Db, userId: string): Promise<boolean>;
  /** Told in the same transaction when the machinery ends a log-in by itself: the place for the journal entry. */
  loginEnded(trx: Transaction<Database>, login: RecordOwner & { reason: LoginEnd }): Promise<void>;
};

/** The one machinery that makes, renews, ends and checks tokens. */
export type Tokens = {
  /** The tokens of a new log-in, in the caller's transaction. See `issueTokens`. */
  issue(trx: Transaction<Database>, account: { userId: string }): Promise<TokenPair>;
  /** New tokens for a refresh token, which counts once. @throws invalid-refresh-token */
  refresh(refreshToken: string): Promise<TokenPair>;
  /** Ends one log-in: its refresh token at once, its access tokens with the next `findLiveGrants`. */
  endSession(trx: Transaction<Database>, grantId: string): Promise<void>;
  /** Ends the log-in of a refresh token, used or not; says whose it was, or undefined when it is unknown. */
  endSessionOfRefreshToken(trx: Transaction<Database>, refreshToken: string): Promise<RecordOwner | undefined>;
  /** Ends all log-ins of a person: password reset, deactivation, block, erasure. */
  endSessions(trx: Transaction<Database>, userId: string): Promise<void>;
  /** A token verified before and not expired, at once; undefined where `verifyAccessToken` must be asked. */
  peekAccessToken(token: string): VerifiedToken | undefined;
  /** What a valid access token says. @throws unauthenticated */
  verifyAccessToken(token: string): Promise<VerifiedToken>;
  /** Mounts /oidc/* and /.well-known/openid-configuration. */
  register(app: FastifyInstance, deps: { rateLimits: RateLimits }): void;
};

/** Builds the machinery around one authorization server. */
export function createTokenMachinery(deps: TokenMachineryDeps): Tokens {
  const { db, hash, publicUrl, signingKeys } = deps;
  const transactions = createRecordTransactions(db);
  const endLogin = async (login: RecordOwner, reason: LoginEnd) => {
    const trx = await transactions.current();
    await deleteLogin(trx, login.grantId);
    await deps.loginEnded(trx, { ...login, reason });
  };
  const provider = createProvider({ ...deps, transactions, endLogin });
  const ask = provider.callback();
  const verifier = createAccessTokenVerifier(deps);
  return {
    issue: (trx, account) => issueTokens({ provider, transactions, publicUrl, kid: signingKeys[0].kid }, trx, account),
    refresh: (refreshToken) => refreshTokens({ ask }, refreshToken),
    endSession: deleteLogin,
    endSessionOfRefreshToken: async (trx, refreshToken) => {
      const owner = await findRecordOwner(trx, recordKey(hash, "RefreshToken", refreshToken));
      if (owner) await deleteLogin(trx, owner.grantId);
      return owner;
    },
    endSessions: deleteLoginsOfUser,
    peekAccessToken: verifier.peek,
    verifyAccessToken: verifier.verify,
    register: (app, { rateLimits }) => mountProvider(app, { ask, rateLimits }),
  };
}
