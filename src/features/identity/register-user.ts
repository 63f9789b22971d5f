import { type Once, runOnce } from "../../foundation/database/index.ts";
import { DeclaredError } from "../../foundation/errors/index.ts";
import type { Caller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import { emailTaken, type PresentedUser } from "../users/index.ts";
import { requireOrganisation } from "./enter-organisation.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import { keepRegistration, type PendingRegistration } from "./keep-registration.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { registerInPool } from "./pool-accounts/index.ts";
import { readRegistration } from "./read-registration.ts";
import type { RegistrationBody } from "./schemas.ts";

type RegisterInput = RequestFacts & { body: RegistrationBody; caller: Caller | undefined; once?: Once };

/**
 * Registers a person with a password (PCX form). What is slow or outside comes first: the password's hash, or the
 * account in the outside pool. Then one transaction keeps everything or nothing: key, user, identity, membership, code,
 * message with its job, journal entry.
 *
 * @throws invalid-request naming the fields, email-already-exists, grant-refused, too-many-requests, unavailable,
 *   idempotency-key-reused
 */
export async function registerUser(deps: IdentityDeps, input: RegisterInput): Promise<PresentedUser> {
  const { body, caller, requestId, once } = input;
  const userId = deps.ids.uuid();
  const registration = readRegistration(body, { userId, caller, today: deps.clock.now() });
  await requireGoodPassword(body.password, registration.email, "password");
  await requireOrganisation(deps, registration);
  const actor = caller ? actorOf(caller) : ({ kind: "user", id: userId } as const);
  const pending: PendingRegistration = { userId, registration, actor, requestId };
  const { pool } = deps.provider;
  const registering = pool
    ? registerInPool(deps, pool, { pending, password: body.password, once })
    : registerHere(deps, { pending, password: body.password, once });
  return registering.catch((error: unknown) => refuseTaken(deps, registration.email, error));
}

async function registerHere(
  deps: IdentityDeps,
  { pending, password, once }: { pending: PendingRegistration; password: string; once?: Once },
): Promise<PresentedUser> {
  const { userId, registration } = pending;
  const account = await deps.provider.createAccount({ userId, email: registration.email, password });
  return runOnce(deps, once, (trx) => keepRegistration(deps, trx, { ...pending, account }), userId);
}

/** That an address is taken is told by contract; asking for the same one over and over is no sign-up. */
async function refuseTaken(deps: IdentityDeps, email: string, error: unknown): Promise<never> {
  if (error instanceof DeclaredError && error.declaration === emailTaken.declaration) {
    await deps.throttles.charge([["taken address told", email]]);
  }
  throw error;
}
