import { findUserByEmail, lockUser, type UserRow } from "../users/index.ts";
import { invalidCredentials } from "./errors.ts";
import { findIdentity } from "./identities.queries.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import { hashSource } from "./known-source.ts";
import { isKnownSource, rememberSource } from "./known-sources.queries.ts";
import type { TokenPair } from "./oidc/index.ts";
import { nobody } from "./one-time-secret.ts";
import { openSession } from "./open-session.ts";
import type { IdentityRow } from "./tables.ts";
import type { Charge } from "./throttle.ts";

type LogInInput = RequestFacts & { email: string; password: string };
type Proven = { user: UserRow; identity: IdentityRow };

/**
 * Logs a person in with e-mail address and password. Unknown address and wrong password are one refusal, reached by
 * the same work; only the right password learns what else is in the way. `email` is normalised.
 *
 * @throws invalid-credentials, email-not-confirmed, account-inactive, account-blocked, account-closed,
 *   too-many-requests, unavailable
 */
export async function logIn(deps: IdentityDeps, input: LogInInput): Promise<TokenPair> {
  const sourceHash = hashSource(deps.hash, input.email, input.source);
  const here: Charge = ["log-in by account and source", input.email, input.source];
  const elsewhere: Charge[] = (await isKnownSource(deps.db, sourceHash)) ? [] : [["log-in by account", input.email]];
  const shared: Charge[] = [["log-in by source", input.source], ...elsewhere];
  await deps.throttles.charge([...shared, here]);
  const proven = await checkPassword(deps, input).catch(async (error: unknown) => {
    // Nothing was found wrong: the server could not look.
    await deps.throttles.refund([...shared, here]);
    throw error;
  });
  if (!proven) throw invalidCredentials();
  await deps.throttles.refund(shared);
  await deps.throttles.forget([here]);
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, proven.user.user_id);
    const identity = await findIdentity(trx, user.user_id, deps.provider.name);
    // A reset that came in between has ended all log-ins; the old password may not begin one after it.
    if (identity?.password_hash !== proven.identity.password_hash || user.email !== input.email)
      throw invalidCredentials();
    const tokens = await openSession(deps, trx, { user, method: "password", requestId: input.requestId });
    await rememberSource(trx, sourceHash, user.user_id, deps.clock.now());
    return tokens;
  });
}

async function checkPassword(deps: IdentityDeps, { email, password }: LogInInput): Promise<Proven | undefined> {
  const user = await findUserByEmail(deps.db, email);
  const identity = await findIdentity(deps.db, user?.user_id ?? nobody, deps.provider.name);
  const right = await deps.provider.checkPassword(identity, password);
  return right && user && identity ? { user, identity } : undefined;
}
