import type { Transaction } from "kysely";
import { type Database, type Once, runOnce } from "../../foundation/database/index.ts";
import { DeclaredError } from "../../foundation/errors/index.ts";
import type { Caller } from "../access/index.ts";
import { type Actor, actorOf } from "../journal/index.ts";
import { emailTaken, insertUser, type PresentedUser, presentUser, sealDocument, type UserRow } from "../users/index.ts";
import { describeRegistration } from "./describe-registration.ts";
import { enterOrganisation, requireOrganisation } from "./enter-organisation.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import type { ProviderAccount } from "./identity-provider.ts";
import { keepCredential } from "./keep-credential.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { type Registration, readRegistration } from "./read-registration.ts";
import type { RegistrationBody } from "./schemas.ts";
import { sendCode } from "./send-code.ts";

type RegisterInput = RequestFacts & { body: RegistrationBody; caller: Caller | undefined; once?: Once };

/**
 * Registers a person with a password (PCX form). What is slow comes first, outside: the password's hash. Then one
 * transaction keeps everything or nothing: key, user, identity, membership, code, message with its job, journal entry.
 *
 * @throws invalid-request naming the fields, email-already-exists, grant-refused, too-many-requests, unavailable,
 *   idempotency-key-reused
 */
export async function registerUser(deps: IdentityDeps, input: RegisterInput): Promise<PresentedUser> {
  const userId = deps.ids.uuid();
  const registration = readRegistration(input.body, { userId, caller: input.caller, today: deps.clock.now() });
  const { email } = registration;
  await requireGoodPassword(input.body.password, email, "password");
  await requireOrganisation(deps, registration);
  const account = await deps.provider.createAccount({ userId, email, password: input.body.password });
  const actor: Actor = input.caller ? actorOf(input.caller) : { kind: "user", id: userId };
  const register = async (trx: Transaction<Database>) => {
    const user = await keepUser(deps, trx, { userId, registration, account });
    await deps.journal.record(trx, describeRegistration(user, registration, actor, input.requestId));
    const member = await enterOrganisation(deps, trx, { user, registration, actor, requestId: input.requestId });
    await sendCode(deps, trx, { user, purpose: "confirm-email" });
    return presentUser(member);
  };
  return runOnce(deps, input.once, register, userId).catch((error: unknown) => refuseTaken(deps, email, error));
}

async function keepUser(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  { userId, registration, account }: { userId: string; registration: Registration; account: ProviderAccount },
): Promise<UserRow> {
  const { organisation: _, invitedBy: __, id_number, additional_id_number, ...columns } = registration;
  const seal = (field: "id_number" | "additional_id_number", number: string | null) =>
    number === null ? {} : sealDocument(deps, trx, userId, field, number);
  await deps.personKeys.createKey(trx, userId);
  const user = await insertUser(trx, {
    ...columns,
    ...(await seal("id_number", id_number)),
    ...(await seal("additional_id_number", additional_id_number)),
    user_id: userId,
    cognito_username: account.username,
    status: "pending",
    created_at: deps.clock.now(),
  });
  await keepCredential(deps, trx, { userId, account });
  return user;
}

/** That an address is taken is told by contract; asking for the same one over and over is no sign-up. */
async function refuseTaken(deps: IdentityDeps, email: string, error: unknown): Promise<never> {
  if (error instanceof DeclaredError && error.declaration === emailTaken.declaration) {
    await deps.throttles.charge([["taken address told", email]]);
  }
  throw error;
}
