import type { Transaction } from "kysely";
import { allOf, type Database } from "../../foundation/database/index.ts";
import type { Actor } from "../journal/index.ts";
import { insertUser, type PresentedUser, presentUser, sealDocument, type UserRow } from "../users/index.ts";
import { describeRegistration } from "./describe-registration.ts";
import { enterOrganisation } from "./enter-organisation.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import type { ProviderAccount } from "./identity-provider.ts";
import { keepCredential } from "./keep-credential.ts";
import type { Registration } from "./read-registration.ts";
import { sendCode } from "./send-code.ts";

/** A registration that is about to be kept; JSON, so that an interrupted one can be completed later. */
export type PendingRegistration = { userId: string; registration: Registration; actor: Actor; requestId: string };

/**
 * Keeps a registration, all of it in the caller's transaction: key, user, identity, membership, journal entry, and our
 * code with its message unless an outside pool mails its own.
 *
 * @throws email-already-exists, organisation-not-found
 */
export async function keepRegistration(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  pending: PendingRegistration & { account: ProviderAccount },
): Promise<PresentedUser> {
  const { userId, registration, account, actor, requestId } = pending;
  const user = await keepUser(deps, trx, pending);
  const [, , member] = await allOf([
    deps.journal.record(trx, describeRegistration(user, registration, actor, requestId)),
    keepCredential(deps, trx, { userId, account }),
    enterOrganisation(deps, trx, { user, registration, actor, requestId }),
    deps.provider.pool ? undefined : sendCode(deps, trx, { user, purpose: "confirm-email" }),
  ]);
  return presentUser(member);
}

async function keepUser(
  deps: IdentityDeps,
  trx: Transaction<Database>,
  { userId, registration, account }: { userId: string; registration: Registration; account: ProviderAccount },
): Promise<UserRow> {
  const { organisation: _, invitedBy: __, id_number, additional_id_number, ...columns } = registration;
  const seal = (field: "id_number" | "additional_id_number", number: string | null) =>
    number === null ? {} : sealDocument(deps, trx, userId, field, number);
  const insert = async () =>
    insertUser(trx, {
      ...columns,
      ...(await seal("id_number", id_number)),
      ...(await seal("additional_id_number", additional_id_number)),
      user_id: userId,
      cognito_username: account.username,
      status: "pending",
      created_at: deps.clock.now(),
    });
  const [, user] = await allOf([deps.personKeys.createKey(trx, userId), insert()]);
  return user;
}
