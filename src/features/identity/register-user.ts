import type { Transaction } from "kysely";
import type { Database, Once } from "../../foundation/database/index.ts";
import { runOnce } from "../../foundation/database/index.ts";
import { invalidRequest } from "../../foundation/errors/common.ts";
import { DeclaredError } from "../../foundation/errors/index.ts";
import type { Caller } from "../access/index.ts";
import { type Actor, actorOf, type Change } from "../journal/index.ts";
import { createOrganisation, findOrganisation, joinOrganisation } from "../organisations/index.ts";
import {
  emailTaken,
  findUser,
  insertUser,
  type PresentedUser,
  presentUser,
  sealDocument,
  type UserRow,
} from "../users/index.ts";
import { insertIdentity } from "./identities.queries.ts";
import type { IdentityDeps, RequestFacts } from "./identity-deps.ts";
import type { ProviderAccount } from "./identity-provider.ts";
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
  await requireGoodPassword(input.body.password, registration.email, "password");
  if (
    registration.organisation &&
    "join" in registration.organisation &&
    !(await findOrganisation(deps.db, registration.organisation.join))
  ) {
    throw invalidRequest({ errors: { org_id: ["is not an organisation"] } });
  }
  const account = await deps.provider.createAccount({
    userId,
    email: registration.email,
    password: input.body.password,
  });
  const actor: Actor = input.caller ? actorOf(input.caller) : { kind: "user", id: userId };
  return refuseRepeats(
    deps,
    registration.email,
    runOnce(deps, input.once, async (trx) => {
      await deps.personKeys.createKey(trx, userId);
      const user = await keepUser(deps, trx, userId, registration, account);
      await deps.journal.record(trx, describeRegistration(user, registration, actor, input.requestId));
      const member = await enterOrganisation(deps, trx, user, registration, actor, input.requestId);
      await sendCode(deps, trx, { user, purpose: "confirm-email" });
      return presentUser(member);
    }),
  );
}

/** That an address is taken is told by contract; asking for the same one over and over is no sign-up. */
async function refuseRepeats<Result>(deps: IdentityDeps, email: string, registering: Promise<Result>): Promise<Result> {
  return registering.catch(async (error: unknown) => {
    if (error instanceof DeclaredError && error.declaration === emailTaken.declaration) {
      await deps.throttles.charge([["taken address told", email]]);
    }
    throw error;
  });
}

async function keepUser(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  userId: string,
  registration: Registration,
  account: ProviderAccount,
): Promise<UserRow> {
  const {
    organisation: _organisation,
    invitedBy: _invitedBy,
    id_number,
    additional_id_number,
    ...columns
  } = registration;
  const now = deps.clock.now();
  const user = await insertUser(trx, {
    ...columns,
    ...(id_number === null ? {} : await sealDocument(deps, trx, userId, "id_number", id_number)),
    ...(additional_id_number === null
      ? {}
      : await sealDocument(deps, trx, userId, "additional_id_number", additional_id_number)),
    user_id: userId,
    cognito_username: account.username,
    status: "pending",
    created_at: now,
  });
  await insertIdentity(trx, {
    identity_id: deps.ids.uuid(),
    user_id: userId,
    provider: deps.provider.name,
    issuer: deps.provider.issuer,
    subject: account.subject,
    password_hash: account.passwordHash,
    created_at: now,
    updated_at: now,
  });
  return user;
}

/** Gives the user as it stands afterwards. */
async function enterOrganisation(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  user: UserRow,
  { organisation }: Registration,
  actor: Actor,
  requestId: string,
): Promise<UserRow> {
  if (!organisation) return user;
  if ("found" in organisation)
    await createOrganisation(deps, trx, { name: organisation.found, founder: user.user_id, actor, requestId });
  else
    await joinOrganisation(deps, trx, {
      orgId: organisation.join,
      userId: user.user_id,
      role: organisation.role,
      actor,
      requestId,
    });
  return (await findUser(trx, user.user_id)) ?? user;
}

const personalFields = [
  "email",
  "fname",
  "lname",
  "date_of_birth",
  "phone_number",
  "address1",
  "country",
  "id_type",
  "additional_id_type",
] as const;

function describeRegistration(user: UserRow, { invitedBy }: Registration, actor: Actor, requestId: string) {
  const made = (after: unknown): Change => ({ before: null, after });
  const given = personalFields.filter((field) => user[field] !== null);
  return {
    actor,
    action: "user.registered",
    subject: { kind: "user", id: user.user_id } as const,
    changes: {
      status: made(user.status),
      role: made(user.role),
      type: made(user.type),
      ...(invitedBy ? { invited_by: made(invitedBy) } : {}),
    },
    personal: { changes: Object.fromEntries(given.map((field) => [field, made(user[field])])) },
    requestId,
  };
}
