import type { Clock } from "../../../foundation/clock/index.ts";
import type { KeyedHash } from "../../../foundation/crypto/index.ts";
import type { Db } from "../../../foundation/database/index.ts";
import { findStandings } from "../../users/index.ts";
import { permissionsWithin, personPermissions } from "../permissions.ts";
import { findServiceAccount } from "../service-accounts/index.ts";
import { findLiveGrants } from "./find-live-grants.ts";
import { findRevokedTokens } from "./revoked-tokens.ts";
import type { ServiceToken, UserToken, VerifiedToken } from "./verify-access-token.ts";

type StateDeps = {
  db: Db;
  clock: Clock;
  hash: KeyedHash;
  accountMayAct(db: Db, userId: string): Promise<boolean>;
};

/** What a verified token carries at this moment, or undefined where it counts no more. */
export type TokenState = { permissions: readonly string[] };

/** Reads whether a token still counts, and with which permissions: held now and within its scope. */
export async function readTokenState(deps: StateDeps, token: VerifiedToken): Promise<TokenState | undefined> {
  return token.kind === "user" ? readUserToken(deps, token) : readServiceToken(deps, token);
}

async function readUserToken(deps: StateDeps, token: UserToken): Promise<TokenState | undefined> {
  const live = await findLiveGrants(deps, [token.grantId]);
  if (!live.has(token.grantId) || !(await deps.accountMayAct(deps.db, token.userId))) return undefined;
  const [standing] = await findStandings(deps.db, [token.userId]);
  return { permissions: standing ? permissionsWithin(personPermissions(standing), token.scope) : [] };
}

async function readServiceToken(deps: StateDeps, token: ServiceToken): Promise<TokenState | undefined> {
  const account = await findServiceAccount(deps.db, token.clientId);
  if (account?.credential !== token.credential) return undefined;
  if ((await findRevokedTokens(deps, [token.tokenId])).size > 0) return undefined;
  return { permissions: permissionsWithin(account.permissions, token.scope) };
}
