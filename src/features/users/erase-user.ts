import type { Transaction } from "kysely";
import { addSeconds } from "../../foundation/clock/index.ts";
import type { PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { UserCaller } from "../access/index.ts";
import { actorOf } from "../journal/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { deleteArbitrator } from "./arbitrators/arbitrators.queries.ts";
import { lockTarget } from "./lock-target.ts";
import { type MoveDeps, moveUser } from "./move-user.ts";
import type { UserChanges, UserRow } from "./tables.ts";
import { insertRetainedRecord, updateUserRow } from "./users.queries.ts";

/** What other rooms forget of a person: credentials, memberships, messages. They provide it. */
export type ForgetPerson = (trx: Transaction<Database>, userId: string) => Promise<void>;

/** Records of verified customers are kept five years after the relationship ends (FATF recommendation 11). */
const retentionSeconds = 5 * 365.25 * 24 * 3600;

/** Every column that says something about the person. */
const emptied: UserChanges = {
  email: null, cognito_username: null, fname: null, lname: null, date_of_birth: null, phone_number: null,
  address1: null, address2: null, city: null, region: null, postal_code: null, country: null,
  id_type: null, id_number_sealed: null, id_number_hash: null, id_number_masked: null,
  additional_id_type: null, additional_id_number_sealed: null, additional_id_number_hash: null, additional_id_number_masked: null,
  email_verified_at: null, phone_verified_at: null, sca_verified_at: null, additional_data_at: null, optional_kyc_at: null,
  kyc_failure_reason: null, org_id: null, org_ids: [], website: null, additional_info: null, permissions: [],
}; // biome-ignore format: one glance

/**
 * Erases a person: closes the account, empties the record, forgets credentials and destroys the keys, so that what is
 * sealed anywhere, journal included, cannot be read again. The ids stay and answer as closed. What anti-money-
 * laundering law asks to keep of somebody who went through verification is sealed apart until its end date.
 *
 * @throws user-not-found, forbidden, precondition-failed
 */
export async function eraseUser(
  deps: MoveDeps & { db: Db; ids: Ids; seal: PlatformSeal; personKeys: PersonKeys; forgetPerson: ForgetPerson },
  input: { userId: string; caller: UserCaller; ifMatch?: string | string[]; requestId: string },
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    const { user } = await lockTarget(trx, input);
    await retainWhatTheLawAsks(deps, trx, user);
    if (user.status !== "closed") {
      await moveUser(deps, trx, { user, event: "closed", actor: actorOf(input.caller), requestId: input.requestId });
    }
    await deps.forgetPerson(trx, user.user_id);
    await deleteArbitrator(trx, user.user_id);
    await updateUserRow(trx, user.user_id, { ...emptied, erased_at: deps.clock.now() }, deps.clock.now());
    await deps.journal.record(trx, {
      actor: actorOf(input.caller),
      action: "user.erased",
      subject: { kind: "user", id: user.user_id },
      requestId: input.requestId,
    });
    await deps.personKeys.destroyKeys(trx, user.user_id);
  });
}

async function retainWhatTheLawAsks(
  deps: MoveDeps & { ids: Ids; seal: PlatformSeal; personKeys: PersonKeys },
  trx: Transaction<Database>,
  user: UserRow,
): Promise<void> {
  if (!user.kyc_session_id && !user.bridge_customer_id) return;
  const open = (field: "id_number" | "additional_id_number") => openDocument(deps, trx, user, field);
  const now = deps.clock.now();
  await insertRetainedRecord(trx, {
    record_id: deps.ids.uuid(),
    user_id: user.user_id,
    legal_basis: "anti-money-laundering record keeping",
    sealed: await deps.seal.seal({
      fname: user.fname, lname: user.lname, date_of_birth: user.date_of_birth, address1: user.address1, city: user.city,
      postal_code: user.postal_code, country: user.country, id_type: user.id_type, id_number: await open("id_number"),
      additional_id_type: user.additional_id_type, additional_id_number: await open("additional_id_number"),
      kyc_session_id: user.kyc_session_id, kyc_status: user.kyc_status, kyc_approved_at: user.kyc_approved_at, bridge_customer_id: user.bridge_customer_id,
    }), // biome-ignore format: one glance
    retained_at: now,
    retain_until: addSeconds(now, retentionSeconds),
  });
}

async function openDocument(
  deps: { personKeys: PersonKeys },
  trx: Transaction<Database>,
  user: UserRow,
  field: "id_number" | "additional_id_number",
): Promise<string | null> {
  const sealed = user[`${field}_sealed`];
  return sealed === null ? null : deps.personKeys.openFor<string>(trx, user.user_id, field, sealed);
}
