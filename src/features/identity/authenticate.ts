import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Db, Reads } from "../../foundation/database/index.ts";
import { unauthenticated } from "../../foundation/errors/common.ts";
import type { Caller, ServiceCaller, UserCaller } from "../access/index.ts";
import type { CallerStanding } from "../users/index.ts";
import { firstPartyClientId, type ServiceToken, type Tokens } from "./oidc/index.ts";
import { permissionsWithin, personPermissions } from "./permissions.ts";
import { createCallerReads } from "./read-callers.ts";
import { requireAccess } from "./require-access.ts";
import type { ServiceStanding } from "./service-accounts/index.ts";
import type { FindForeignCaller, ForeignTokenVerifier } from "./trusted-issuers/index.ts";

/**
 * Finds who a token belongs to, and what they may do at this moment. `counts` is called once the token itself counts,
 * before the rights are read.
 */
export type Authenticate = (token: string, counts?: () => void) => Promise<Caller>;

type AuthenticateDeps = {
  db: Db;
  /** The shared connection for short reads. */
  reads: Reads;
  clock: Clock;
  hash: KeyedHash;
  tokens: Pick<Tokens, "peekAccessToken" | "verifyAccessToken">;
  /** Tokens of trusted issuers, and whose they are. */
  foreignTokens: ForeignTokenVerifier;
  findForeignCaller: FindForeignCaller;
};

/**
 * Makes the check of access tokens: our own, of persons and service accounts, and those of trusted issuers. What a
 * token says is kept while it lives; the caller's standing and rights and whether log-in or token still stand are asked
 * about on every request, for all of one moment together.
 *
 * @throws unauthenticated for bad tokens and ended log-ins; account-inactive, account-blocked, account-closed;
 * unavailable when a trusted issuer's keys cannot be had
 */
export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const { tokens, foreignTokens } = deps;
  const load = createCallerReads(deps);
  return async (token, counts) => {
    const known = tokens.peekAccessToken(token);
    if (!known && foreignTokens.knows(token)) {
      const foreign = await foreignTokens.verify(token);
      counts?.();
      const found = await deps.findForeignCaller(foreign);
      if (!found) throw unauthenticated({ detail: "Nobody here is linked with this token's issuer and subject." });
      // A foreign scope is another house's word: it neither grants nor narrows anything here.
      const { userId, secondFactor, live } = found;
      const login = { userId, grantId: foreign.login, secondFactor, scope: [], foreign: true };
      return presentUser(await load.standings(userId), live, login);
    }
    const verified = known ?? (await tokens.verifyAccessToken(token));
    counts?.();
    if (verified.kind === "user") {
      const [standing, ends] = await Promise.all([load.standings(verified.userId), load.logIns(verified.grantId)]);
      const caller = presentUser(standing, ends !== undefined && ends > deps.clock.now(), verified);
      if (verified.secondFactor) await load.uses(verified.grantId);
      return caller;
    }
    const [account, revoked] = await Promise.all([load.accounts(verified.clientId), load.revoked(verified.tokenId)]);
    return presentService(account, revoked !== false, verified);
  };
}

/** A person's log-in, as their token tells of it. */
type Login = {
  userId: string;
  grantId: string;
  secondFactor: boolean;
  scope: readonly string[];
  foreign?: boolean;
  /** The client of ours that holds the token. */
  clientId?: string;
};

function presentUser(user: Omit<CallerStanding, "user_id"> | undefined, live: boolean, login: Login): UserCaller {
  if (!user) throw unauthenticated({ detail: "The token's user does not exist here." });
  // Before the log-in: it was ended by what happened to the account, and that is what its owner should learn.
  requireAccess(user);
  if (!live) throw unauthenticated({ detail: "This log-in was ended. Log in again." });
  const { userId, grantId, secondFactor, scope } = login;
  // Our own machinery gives no tokens before both proofs are there; a pool does, to whoever asks it and not us.
  if (login.foreign && user.has_second_factor && !secondFactor)
    throw unauthenticated({
      detail: "This account has a second factor: log in at POST /auth/login, which asks for it.",
    });
  const { id, role, type } = user;
  return {
    kind: "user",
    id,
    userId,
    role,
    type,
    grantId,
    secondFactor,
    permissions: permissionsWithin(personPermissions(user), scope),
    ...(login.foreign || login.clientId === firstPartyClientId ? {} : { viaApp: true }),
  };
}

function presentService(account: ServiceStanding | undefined, revoked: boolean, token: ServiceToken): ServiceCaller {
  if (!account) throw unauthenticated({ detail: "The token's service account was deleted." });
  if (account.credential !== token.credential)
    throw unauthenticated({ detail: "The token was issued for a secret that was rotated away: get a new token." });
  if (revoked) throw unauthenticated({ detail: "This token was revoked: get a new one." });
  const { client_id: clientId, callback_origins: callbackOrigins } = account;
  return {
    kind: "service",
    clientId,
    callbackOrigins,
    permissions: permissionsWithin(account.permissions, token.scope),
  };
}
