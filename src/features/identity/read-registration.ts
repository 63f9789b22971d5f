import { invalidRequest } from "../../foundation/errors/common.ts";
import { DeclaredError, type FieldErrors } from "../../foundation/errors/index.ts";
import { type Caller, isOperator, type UserCaller, type UserRole, type UserType } from "../access/index.ts";
import type { MemberRole } from "../organisations/index.ts";
import { readCountry, readDateOfBirth, readPhoneNumber, requireGrantable } from "../users/index.ts";
import { type RegistrationBody, readEmail } from "./schemas.ts";

/** A registration brought to its stored form. */
export type Registration = {
  email: string;
  fname: string;
  lname: string;
  date_of_birth: string | null;
  phone_number: string | null;
  address1: string | null;
  country: string | null;
  id_type: RegistrationBody["id_type"] | null;
  id_number: string | null;
  additional_id_type: RegistrationBody["additional_id_type"] | null;
  additional_id_number: string | null;
  role: UserRole;
  type: UserType;
  /** The operator who registers somebody else. */
  created_by: string | null;
  organisation: { join: string; role: MemberRole } | { found: string } | undefined;
  invitedBy: string | null;
};

/**
 * Checks what a schema cannot, all fields at once, and normalises: dates and phone numbers as they really are, rights
 * only from an operator and by the ladder, memberships by the rules of `domain.md`.
 *
 * @throws invalid-request naming every field that is wrong; grant-refused
 */
export function readRegistration(
  body: RegistrationBody,
  facts: { userId: string; caller: Caller | undefined; today: Date },
): Registration {
  const operator = facts.caller?.kind === "user" && isOperator(facts.caller) ? facts.caller : undefined;
  const errors: FieldErrors = { ...refuseOperatorFields(body, operator), ...refuseMembership(body, operator) };
  const attempt = <Value>(read: () => Value): Value | undefined => collect(errors, read);
  const country = attempt(() => (body.country === undefined ? null : readCountry(body.country))) ?? null;
  const date =
    attempt(() => (body.date_of_birth === undefined ? null : readDateOfBirth(body.date_of_birth, facts.today))) ?? null;
  const phone =
    attempt(() => (body.phone_number === undefined ? null : readPhoneNumber(body.phone_number, country))) ?? null;
  if (Object.keys(errors).length > 0) throw invalidRequest({ errors });
  const rights = { role: body.role ?? "retail", type: body.type ?? "user" } as const;
  if (operator && (body.role || body.type)) requireGrantable(operator, { userId: facts.userId, to: rights });
  return {
    email: readEmail(body.email),
    fname: body.fname.trim(),
    lname: body.lname.trim(),
    date_of_birth: date,
    phone_number: phone,
    address1: trimmedOrNull(body.address),
    country,
    id_type: body.id_type ?? null,
    id_number: trimmedOrNull(body.id_number),
    additional_id_type: body.additional_id_type ?? null,
    additional_id_number: trimmedOrNull(body.additional_id_number),
    ...rights,
    created_by: operator?.userId ?? null,
    organisation: readMembership(body),
    invitedBy: body.invited_by_user_id?.toLowerCase() ?? null,
  };
}

/** Rights and origin come from an operator's token or from nobody; `created_by` says who that is and cannot say anyone else. */
function refuseOperatorFields(body: RegistrationBody, operator: UserCaller | undefined): FieldErrors {
  const given = (["role", "type", "created_by"] as const).filter((field) => body[field] !== undefined);
  if (!operator) return Object.fromEntries(given.map((field) => [field, ["needs the token of an internal-admin"]]));
  const foreign = body.created_by !== undefined && body.created_by.toLowerCase() !== operator.userId;
  return foreign ? { created_by: ["must be your own user_id"] } : {};
}

function refuseMembership(body: RegistrationBody, operator: UserCaller | undefined): FieldErrors {
  const role = body.org_member_role;
  if (role === undefined) return {};
  if (body.org_id === undefined && body.org_name === undefined)
    return { org_member_role: ["needs org_id or org_name"] };
  if (body.org_id === undefined)
    return role === "admin" ? {} : { org_member_role: ["is admin for whoever founds the organisation"] };
  return role === "user" || operator
    ? {}
    : { org_member_role: ["other than user needs the token of an internal-admin"] };
}

function readMembership(body: RegistrationBody): Registration["organisation"] {
  if (body.org_id !== undefined) return { join: body.org_id.toLowerCase(), role: body.org_member_role ?? "user" };
  return body.org_name === undefined ? undefined : { found: body.org_name.trim() };
}

function trimmedOrNull(text: string | undefined): string | null {
  return text?.trim() || null;
}

/** Keeps a refused field for the common answer. */
function collect<Value>(errors: FieldErrors, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DeclaredError) || error.declaration !== invalidRequest.declaration) throw error;
    Object.assign(errors, error.occurrence.errors);
    return undefined;
  }
}
