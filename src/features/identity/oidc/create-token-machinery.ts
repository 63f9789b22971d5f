import type { FastifyInstance } from "fastify";
import type { Transaction } from "kysely";
import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash, SigningKey } from "../../../foundation/crypto/index.ts";
import type { Database, Db } from "../../../foundation/database/index.ts";
import type { RateLimits } from "../../../foundation/http/index.ts";
import type { Logger } from "../../../foundation/logging/index.ts";
import { endForeignLoginsOfUser, endOtherForeignLogins } from "../trusted-issuers/index.ts";
import { answerAccessTokens } from "./answer-access-tokens.ts";
import { createProvider } from "./create-provider.ts";
import type { LoginEnd } from "./find-account.ts";
import { type AllowedApp, issueCode } from "./issue-code.ts";
import { issueTokens, type NewLogin, type TokenPair } from "./issue-tokens.ts";
import { mountProvider } from "./mount-provider.ts";
import {
  deleteLogin,
  deleteLoginsOfApp,
  deleteLoginsOfUser,
  findRecordOwner,
  type RecordOwner,
} from "./oidc-records.queries.ts";
import { recordKey } from "./record-adapter.ts";
import { createRecordTransactions } from "./record-transactions.ts";
import { type AskProvider, refreshTokens } from "./refresh-tokens.ts";
import { createAccessTokenVerifier, type VerifiedToken } from "./verify-access-token.ts";

export type TokenMachineryDeps = {
  db: Db;
  clock: Clock;
  log: Logger;
  hash: KeyedHash;
  /** The issuer and the audience of every token; without a slash at its end. */
  publicUrl: string;
  /** ES256 keys, the signing one first, from `loadSigningKeys(…, "tokens")`. */
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
  issue(trx: Transaction<Database>, account: NewLogin): Promise<TokenPair>;
  /** The code that an app exchanges for a person's tokens, in the caller's transaction. See `issueCode`. */
  issueCode(trx: Transaction<Database>, app: AllowedApp): Promise<string>;
  /** New tokens for a refresh token, which counts once. @throws invalid-refresh-token */
  refresh(refreshToken: string): Promise<TokenPair>;
  /** Ends one log-in: its refresh token at once, its access tokens with the next `findGrantEnds`. */
  endSession(trx: Transaction<Database>, grantId: string): Promise<void>;
  /** Ends the log-in of a refresh token, used or not; says whose it was, or undefined when it is unknown. */
  endSessionOfRefreshToken(trx: Transaction<Database>, refreshToken: string): Promise<RecordOwner | undefined>;
  /** Ends all log-ins of a person, those at trusted issuers too: password reset, deactivation, block, erasure. */
  endSessions(trx: Transaction<Database>, userId: string): Promise<void>;
  /**
   * Ends all log-ins of a person but one: when a second factor is added or removed. The one that stays, where it is a
   * foreign one, counts as proven with the second factor: the proof was just given in it.
   */
  endOtherSessions(trx: Transaction<Database>, userId: string, keepGrantId: string): Promise<void>;
  /** Ends all log-ins that people gave an app. */
  endSessionsOfApp(trx: Transaction<Database>, clientId: string): Promise<void>;
  /** A token verified before and not expired, at once; undefined where `verifyAccessToken` must be asked. */
  peekAccessToken(token: string): VerifiedToken | undefined;
  /** What a valid access token says. @throws unauthenticated */
  verifyAccessToken(token: string): Promise<VerifiedToken>;
  /** Signs and checks with these keys from now on; nothing happens where they are the present ones. */
  useKeys(signingKeys: readonly [SigningKey, ...SigningKey[]]): void;
  /** Mounts /oidc/* and /.well-known/openid-configuration. */
  register(app: FastifyInstance, deps: { rateLimits: RateLimits }): void;
};

/** Builds the machinery around one authorization server; a change of keys builds another one in its place. */
export function createTokenMachinery(deps: TokenMachineryDeps): Tokens {
  const { db, hash, publicUrl } = deps;
  const transactions = createRecordTransactions(db);
  const endLogin = async (login: RecordOwner, reason: LoginEnd) => {
    const trx = await transactions.current();
    await deleteLogin(trx, login.grantId);
    await deps.loginEnded(trx, { grantId: login.grantId, userId: login.userId, reason });
  };
  const build = (signingKeys: TokenMachineryDeps["signingKeys"]) => {
    const verifier = createAccessTokenVerifier({ ...deps, signingKeys });
    const provider = createProvider({ ...deps, signingKeys, transactions, endLogin });
    provider.use(answerAccessTokens({ ...deps, transactions, endLogin, verifier }));
    return { provider, verifier, kid: signingKeys[0].kid, kids: kidsOf(signingKeys), ask: provider.callback() };
  };
  let current = build(deps.signingKeys);
  const ask: AskProvider = (request, response) => current.ask(request, response);
  return {
    issue: (trx, account) => issueTokens({ ...current, clock: deps.clock, transactions, publicUrl }, trx, account),
    issueCode: (trx, app) => issueCode({ ...current, transactions, publicUrl }, trx, app),
    refresh: (refreshToken) => refreshTokens({ ask }, refreshToken),
    endSession: deleteLogin,
    endSessionOfRefreshToken: async (trx, refreshToken) => {
      const owner = await findRecordOwner(trx, recordKey(hash, "RefreshToken", refreshToken));
      if (owner) await deleteLogin(trx, owner.grantId);
      return owner;
    },
    endSessions: async (trx, userId) => {
      await deleteLoginsOfUser(trx, userId);
      await endForeignLoginsOfUser(trx, userId, deps.clock.now());
    },
    endOtherSessions: async (trx, userId, keepGrantId) => {
      await deleteLoginsOfUser(trx, userId, keepGrantId);
      await endOtherForeignLogins(trx, { userId, keep: keepGrantId, now: deps.clock.now() });
    },
    endSessionsOfApp: deleteLoginsOfApp,
    peekAccessToken: (token) => current.verifier.peek(token),
    verifyAccessToken: (token) => current.verifier.verify(token),
    useKeys: (signingKeys) => {
      if (kidsOf(signingKeys) !== current.kids) current = build(signingKeys);
    },
    register: (app, { rateLimits }) => mountProvider(app, { ask, rateLimits }),
  };
}

function kidsOf(keys: readonly SigningKey[]): string {
  return keys.map(({ kid }) => kid).join(" ");
}
