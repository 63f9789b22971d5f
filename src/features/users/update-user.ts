import type { Transaction } from "kysely";
import { type Static, Type } from "typebox";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import { closed, nullable, requireMatch } from "../../foundation/http/index.ts";
import { isOperator, type UserCaller } from "../access/index.ts";
import { actorOf, type Change } from "../journal/index.ts";
import type { PersonKeys } from "../personal-data/index.ts";
import { withdrawVerification } from "./arbitrators/index.ts";
import { userNotFound, verifiedDataLocked } from "./errors.ts";
import { lockUser } from "./lock-user.ts";
import { type MoveDeps, moveUser } from "./move-user.ts";
import { userEtag } from "./present-user.ts";
import {
  countrySchema,
  dateSchema,
  documentNumberSchema,
  lineSchema,
  nameSchema,
  phoneSchema,
  readCountry,
  readDateOfBirth,
  readPhoneNumber,
  refuse,
} from "./profile-fields.ts";
import { idTypeSchema } from "./schemas.ts";
import { sealDocument } from "./seal-document.ts";
import type { UserChanges, UserRow } from "./tables.ts";
import { updateUserRow } from "./users.queries.ts";

/** What `PUT /users/{user_id}` takes: fields present change, absent ones stay, null clears. */
export const updateUserSchema = Type.Partial(
  closed({
    fname: nullable(nameSchema),
    lname: nullable(nameSchema),
    date_of_birth: nullable(dateSchema),
    phone_number: nullable(phoneSchema),
    address: nullable(lineSchema),
    address2: nullable(lineSchema),
    city: nullable(lineSchema),
    region: nullable(lineSchema),
    postalCode: nullable(lineSchema),
    country: nullable(countrySchema),
    id_type: nullable(idTypeSchema),
    id_number: nullable(documentNumberSchema),
    additional_id_type: nullable(idTypeSchema),
    additional_id_number: nullable(documentNumberSchema),
  }),
  { additionalProperties: false, examples: [{ phone_number: "+2348031234567", city: "Lagos", region: null }] },
);

export type UserUpdate = Static<typeof updateUserSchema>;

/** The body's names for columns that are called otherwise. */
const columnOf: Record<string, keyof UserRow> = { address: "address1", postalCode: "postal_code" };

/** What a verification has looked at. */
const verifiedFields = [
  "fname",
  "lname",
  "id_type",
  "id_number",
  "additional_id_type",
  "additional_id_number",
] as const;

type UpdateDeps = MoveDeps & { db: Db; hash: KeyedHash; personKeys: PersonKeys };

/**
 * Changes a profile. Name and documents of an active user are closed to the user; an operator's change of them leads
 * back to `pending_verification`. Changing a verified phone number clears its flag.
 *
 * @throws user-not-found, precondition-failed, verified-data-locked, invalid-request naming the field
 */
export async function updateUser(
  deps: UpdateDeps,
  input: {
    userId: string;
    update: UserUpdate;
    caller: UserCaller;
    ifMatch: string | string[] | undefined;
    requestId: string;
  },
): Promise<UserRow> {
  return deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, input.userId);
    if (user.erased_at) throw userNotFound();
    requireMatch(input.ifMatch, userEtag(user));
    const changes = await readChanges(deps, trx, user, input.update);
    const changed = changedFields(user, input.update, changes);
    if (changed.length === 0) return user;
    const touchesVerified = user.status === "active" && verifiedFields.some((field) => changed.includes(field));
    const asOwner = input.caller.userId === user.user_id || !isOperator(input.caller);
    if (touchesVerified && asOwner)
      throw verifiedDataLocked({
        errors: Object.fromEntries(
          verifiedFields.filter((field) => changed.includes(field)).map((field) => [field, ["was verified"]]),
        ),
      });
    const updated = await updateUserRow(trx, user.user_id, changes, deps.clock.now());
    await deps.journal.record(trx, {
      actor: actorOf(input.caller),
      action: "user.profile-changed",
      subject: { kind: "user", id: user.user_id },
      personal: { changes: describeChanges(user, updated, changed) },
      requestId: input.requestId,
    });
    await withdrawVerification(deps, trx, {
      before: user,
      after: updated,
      actor: actorOf(input.caller),
      requestId: input.requestId,
    });
    if (!touchesVerified) return updated;
    return moveUser(deps, trx, {
      user: updated,
      event: "document-changed",
      actor: actorOf(input.caller),
      requestId: input.requestId,
    });
  });
}

/** The columns to write, checked and brought to their stored form. */
async function readChanges(
  deps: UpdateDeps,
  trx: Transaction<Database>,
  user: UserRow,
  update: UserUpdate,
): Promise<UserChanges> {
  const { phone_number, country, date_of_birth, id_number, additional_id_number, address, postalCode, ...plain } =
    update;
  const changes: UserChanges = Object.fromEntries(
    Object.entries(plain).map(([field, value]) => [field, typeof value === "string" ? value.trim() : value]),
  );
  if (address !== undefined) changes.address1 = address?.trim() ?? null;
  if (postalCode !== undefined) changes.postal_code = postalCode?.trim() ?? null;
  if (country !== undefined) changes.country = country === null ? null : readCountry(country);
  if (date_of_birth !== undefined) changes.date_of_birth = readNewDateOfBirth(deps, user, date_of_birth);
  if (phone_number !== undefined) {
    changes.phone_number =
      phone_number === null ? null : readPhoneNumber(phone_number, changes.country ?? user.country);
    if (changes.phone_number !== user.phone_number) changes.phone_verified_at = null;
  }
  if (id_number !== undefined) Object.assign(changes, await sealUnlessSame(deps, trx, user, "id_number", id_number));
  if (additional_id_number !== undefined)
    Object.assign(changes, await sealUnlessSame(deps, trx, user, "additional_id_number", additional_id_number));
  return changes;
}

/** A new birth date is taken until the first approval only; repeating the stored one changes nothing. */
function readNewDateOfBirth(deps: UpdateDeps, user: UserRow, given: string | null): string | null {
  if (given === user.date_of_birth) return given;
  if (user.kyc_first_approved_at)
    refuse({ date_of_birth: ["was verified and cannot be changed any more"] }, verifiedDataLocked);
  return given === null ? null : readDateOfBirth(given, deps.clock.now());
}

async function sealUnlessSame(
  deps: UpdateDeps,
  trx: Transaction<Database>,
  user: UserRow,
  field: "id_number" | "additional_id_number",
  number: string | null,
) {
  const held = user[`${field}_hash`];
  if (number === null ? held === null : held?.equals(deps.hash("document number", number.trim().toUpperCase())))
    return {};
  return sealDocument(deps, trx, user.user_id, field, number === null ? null : number.trim());
}

function changedFields(user: UserRow, update: UserUpdate, changes: UserChanges): string[] {
  return Object.keys(update).filter((field) => {
    if (field === "id_number" || field === "additional_id_number") return `${field}_hash` in changes;
    const column = columnOf[field] ?? (field as keyof UserRow);
    return user[column] !== (changes as Record<string, unknown>)[column];
  });
}

/** Before and after by field, for the sealed part of the entry; document numbers only masked. */
function describeChanges(before: UserRow, after: UserRow, fields: string[]): Record<string, Change> {
  return Object.fromEntries(
    fields.map((field) => {
      const column = field.endsWith("id_number")
        ? (`${field}_masked` as keyof UserRow)
        : (columnOf[field] ?? (field as keyof UserRow));
      return [field, { before: before[column] as unknown, after: after[column] as unknown }];
    }),
  );
}
