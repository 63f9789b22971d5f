import { setTimeout as wait } from "node:timers/promises";
import type { Transaction } from "kysely";
import { allOf, type Database, type Once, recallOnce, runOnce } from "../../../foundation/database/index.ts";
import { unavailable } from "../../../foundation/errors/common.ts";
import { DeclaredError } from "../../../foundation/errors/index.ts";
import { emailTaken, isEmailTaken, type PresentedUser } from "../../users/index.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { AccountPool, ProviderAccount } from "../identity-provider.ts";
import { keepRegistration, type PendingRegistration } from "../keep-registration.ts";
import { madeBySignUp } from "./made-by-sign-up.ts";
import { deleteSignUp, findSignUpByEmail, insertSignUp, markSignUp } from "./sign-ups.queries.ts";

type PoolRegistration = { pending: PendingRegistration; password: string; once?: Once };

/**
 * Registers a person whose account an outside pool keeps: a note of our own first, the pool second, our transaction
 * third, which strikes the note out. Whatever stops it in between leaves the note, and `repairSignUps` completes the
 * registration or clears it away. Where our transaction fails, the account is deleted again at once.
 *
 * @throws email-already-exists, invalid-request naming `password`, too-many-requests, unavailable,
 *   idempotency-key-reused
 */
export async function registerInPool(
  deps: IdentityDeps,
  pool: AccountPool,
  { pending, password, once }: PoolRegistration,
): Promise<PresentedUser> {
  const answered = await recallOnce<PresentedUser>(deps, once);
  if (answered) return answered;
  let account: ProviderAccount;
  try {
    await noteSignUp(deps, pending);
    account = await makeAccount(deps, pool, { pending, password });
  } catch (error) {
    // The first may be under way, or have ended after the look above: then its account is the one in the way here.
    const first = await awaitFirstAnswer(deps, pending, once);
    if (first) return first;
    throw error;
  }
  try {
    const strikeOut = async (trx: Transaction<Database>) => {
      if (!(await deleteSignUp(trx, pending.userId))) throw unavailable({ detail: "The registration took too long." });
    };
    const keep = async (trx: Transaction<Database>) => {
      const [, user] = await allOf([strikeOut(trx), keepRegistration(deps, trx, { ...pending, account })]);
      return user;
    };
    return await runOnce(deps, once, keep, pending.userId);
  } catch (error) {
    await takeBack(deps, pool, pending.userId, account.subject);
    throw error;
  }
}

/** Longer than the calls to the pool and our transaction take together. */
const longestWaitMilliseconds = 15_000;
const lookEveryMilliseconds = 100;

/** A repeat with the same Idempotency-Key that overtakes the first waits for it, as it would for its transaction. */
async function awaitFirstAnswer(
  deps: IdentityDeps,
  pending: PendingRegistration,
  once: Once | undefined,
): Promise<PresentedUser | undefined> {
  if (!once) return undefined;
  const emailHash = deps.hash("pool sign-up", pending.registration.email);
  const end = performance.now() + longestWaitMilliseconds;
  for (let underWay = true; underWay && performance.now() < end; await wait(lookEveryMilliseconds)) {
    underWay = (await findSignUpByEmail(deps.db, emailHash))?.state === "open";
    // Asked after the note: a note that is struck out was struck out together with its answer.
    const answer = await recallOnce<PresentedUser>(deps, once);
    if (answer) return answer;
  }
  return undefined;
}

async function noteSignUp(deps: IdentityDeps, pending: PendingRegistration): Promise<void> {
  const { email } = pending.registration;
  if (await isEmailTaken(deps.db, email)) throw emailTaken();
  const emailHash = deps.hash("pool sign-up", email);
  const sealed = await deps.seal.seal(pending);
  const row = { user_id: pending.userId, email_hash: emailHash, sealed, started_at: deps.clock.now() };
  if (await insertSignUp(deps.db, row)) return;
  const other = await findSignUpByEmail(deps.db, emailHash);
  if (!other || other.state === "open") throw emailTaken();
  throw unavailable({
    detail: "An earlier registration of this address was interrupted and is being completed or cleared away.",
    retryAfterSeconds: 60,
  });
}

/** Where the pool's answer got lost, what it holds now decides; as long as that is unknown, too, the note stays. */
async function makeAccount(
  deps: IdentityDeps,
  pool: AccountPool,
  { pending, password }: Pick<PoolRegistration, "pending" | "password">,
): Promise<ProviderAccount> {
  const { userId, registration } = pending;
  const startedAt = deps.clock.now();
  try {
    return await deps.provider.createAccount({ userId, email: registration.email, password });
  } catch (error) {
    const lost = error instanceof DeclaredError && error.declaration === unavailable.declaration;
    if (!lost) {
      await deleteSignUp(deps.db, userId);
      throw error;
    }
    await markSignUp(deps.db, userId, { state: "in doubt" });
    const account = await madeBySignUp(deps, pool, { email: registration.email, startedAt });
    if (!account) throw error;
    return account;
  }
}

/** Marking waits for our own commit where its answer got lost: if that went through, there is nothing to take back. */
async function takeBack(deps: IdentityDeps, pool: AccountPool, userId: string, subject: string): Promise<void> {
  try {
    if (!(await markSignUp(deps.db, userId, { state: "abandoned", subject }))) return;
    await pool.deleteAccount(subject);
    await deleteSignUp(deps.db, userId);
  } catch (error) {
    deps.log.warn("a registration failed and is left to the repair", { provider: deps.provider.name, error });
  }
}
