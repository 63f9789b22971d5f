import { lockUser } from "../users/index.ts";
import { markConfirmed } from "./confirm-email.ts";
import { invalidCredentials } from "./errors.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import type { PasswordProof } from "./identity-provider.ts";
import { hashSource } from "./known-source.ts";
import { isKnownSource, rememberSource } from "./known-sources.queries.ts";
import type { TokenPair } from "./oidc/index.ts";
import { type LogInOutcome, openSession, tokensOf } from "./open-session.ts";
import { importAccount } from "./pool-accounts/index.ts";
import type { Charge } from "./throttle.ts";

type LogInInput = RequestFacts & { email: string; password: string };

/**
 * Logs a person in with e-mail address and password. Unknown address and wrong password are one refusal, reached by
 * the same work; only the right password learns what else is in the way. `email` is normalised.
 *
 * @throws invalid-credentials, second-factor-required, email-not-confirmed, further-step-required, account-inactive,
 *   account-blocked, account-closed, too-many-requests, unavailable
 */
export async function logIn(deps: IdentityDeps, input: LogInInput): Promise<TokenPair> {
  const sourceHash = hashSource(deps.hash, input.email, input.source);
  const here: Charge = ["log-in by account and source", input.email, input.source];
  const elsewhere: Charge[] = (await isKnownSource(deps.db, sourceHash)) ? [] : [["log-in by account", input.email]];
  const shared: Charge[] = [["log-in by source", input.source], ...elsewhere];
  await deps.throttles.charge([...shared, here]);
  const proof = await checkPassword(deps, input).catch(async (error: unknown) => {
    // Nothing was found wrong: the server could not look.
    await deps.throttles.refund([...shared, here]);
    throw error;
  });
  if (!proof) throw invalidCredentials();
  await deps.throttles.refund(shared);
  await deps.throttles.forget([here]);
  const outcome = await openProvenSession(deps, input, { proof, sourceHash }).catch(async (error: unknown) => {
    await proof.abandon();
    throw error;
  });
  return tokensOf(outcome);
}

/** A pool's user whom nobody here knows becomes one of ours first, and then signs in at the pool once more. */
async function checkPassword(deps: IdentityDeps, input: LogInInput): Promise<PasswordProof | undefined> {
  const proof = await deps.provider.checkPassword(input);
  if (!proof || !("account" in proof)) return proof;
  const { account } = proof;
  await proof.abandon();
  if (!(await importAccount(deps, { account, email: input.email, requestId: input.requestId }))) return undefined;
  const again = await deps.provider.checkPassword(input);
  return again && "userId" in again ? again : undefined;
}

async function openProvenSession(
  deps: IdentityDeps,
  input: LogInInput,
  { proof, sourceHash }: { proof: PasswordProof; sourceHash: Buffer },
): Promise<LogInOutcome> {
  return deps.db.transaction().execute(async (trx) => {
    const locked = await lockUser(trx, proof.userId);
    if (locked.email !== input.email) throw invalidCredentials();
    // Confirmed at the provider, and our own transaction failed then: it is made good here.
    const behind = locked.status === "pending" && proof.emailProven;
    const user = behind ? await markConfirmed(deps, trx, locked, input.requestId) : locked;
    const issue = async () => {
      const tokens = await proof.openSession(trx);
      // A reset that came in between has ended all log-ins; the old password may not begin one after it.
      if (!tokens) throw invalidCredentials();
      return tokens;
    };
    const hold = () => proof.hold(trx);
    const facts = { user, method: "password", requestId: input.requestId } as const;
    const outcome = await openSession(deps, trx, { ...facts, issue, hold });
    if ("tokens" in outcome) await rememberSource(trx, sourceHash, user.user_id, deps.clock.now());
    return outcome;
  });
}
