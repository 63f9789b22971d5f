import type { Static } from "typebox";
import { etagOf } from "../../foundation/http/index.ts";
import { toPcxStatus } from "../lifecycle/index.ts";
import type { userSchema } from "./schemas.ts";
import type { UserRow } from "./tables.ts";

/** The user as PCX clients know it. */
export type PresentedUser = Static<typeof userSchema>;

const timeOrNull = (time: Date | null) => time?.toISOString() ?? null;

/** Shows a row to those who may see it; document numbers only masked. */
export function presentUser(row: UserRow): PresentedUser {
  return {
    user_id: row.user_id,
    id: row.id,
    email: row.email,
    fname: row.fname,
    lname: row.lname,
    date_of_birth: row.date_of_birth,
    cognito_username: row.cognito_username,
    bridge_customer_id: row.bridge_customer_id,
    kyc_submitted_at: timeOrNull(row.kyc_submitted_at),
    kyc_approved_at: timeOrNull(row.kyc_approved_at),
    kyc_failure_reason: row.kyc_failure_reason,
    role: row.role,
    status: toPcxStatus(row.status),
    lifecycle: row.status,
    type: row.type,
    created_by: row.created_by,
    org_id: row.org_id,
    org_ids: row.org_ids,
    phone_number: row.phone_number,
    address: row.address1,
    address2: row.address2,
    city: row.city,
    region: row.region,
    postalCode: row.postal_code,
    country: row.country,
    id_type: row.id_type,
    id_number: row.id_number_masked,
    additional_id_type: row.additional_id_type,
    additional_id_number: row.additional_id_number_masked,
    kyc_session_id: row.kyc_session_id,
    kyc_status: row.kyc_status,
    accountType: row.account_type,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** The entity tag of one state of a user. */
export function userEtag(row: UserRow): string {
  return etagOf(`${row.user_id} ${row.version}`);
}
