import { Type } from "typebox";
import { closed, nullable, oneOf } from "../../foundation/http/index.ts";
import { pcxStatuses, userStatuses } from "../lifecycle/index.ts";

export const userRoles = ["retail", "freelancer", "org-staff", "admin", "super-admin"] as const;
export const userTypes = ["user", "staff", "merchant", "org-admin", "internal-admin"] as const;
export const idTypes = ["passport", "drivers_license", "national_id", "other"] as const;

const text = Type.String();
const time = Type.String({ format: "date-time" });

export const roleSchema = oneOf(userRoles);
export const typeSchema = oneOf(userTypes);
export const idTypeSchema = oneOf(idTypes);
export const pcxStatusSchema = oneOf(pcxStatuses);
export const lifecycleSchema = oneOf(userStatuses);
export const uuidSchema = Type.String({
  pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  description: "a UUID",
  examples: ["0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90"],
});

/** Free words of an operator: 1 to 500 characters. */
export const reasonSchema = Type.String({ minLength: 1, maxLength: 500, examples: ["Documents seen in person"] });

/** As after a registration and its confirmation. */
const exampleUser = {
  user_id: "0199d3a1-6c1e-7b44-9a0e-3f2d1c5b7a90",
  id: 1042,
  email: "ada@example.com",
  fname: "Ada",
  lname: "Okafor",
  date_of_birth: "1990-05-17",
  cognito_username: null,
  bridge_customer_id: null,
  kyc_submitted_at: null,
  kyc_approved_at: null,
  kyc_failure_reason: null,
  role: "retail",
  status: "not_verified",
  lifecycle: "not_verified",
  type: "user",
  created_by: null,
  org_id: null,
  org_ids: [],
  phone_number: "+2348031234567",
  address: "12 Marina Road",
  address2: null,
  city: "Lagos",
  region: null,
  postalCode: null,
  country: "NG",
  id_type: "passport",
  id_number: "•••••••67",
  additional_id_type: null,
  additional_id_number: null,
  kyc_session_id: null,
  kyc_status: null,
  accountType: "standard",
  created_at: "2026-01-15T09:30:00.000Z",
  updated_at: "2026-01-15T09:31:12.000Z",
};

/** The user as the PCX document shows it, with our additions: id (int32, for the gate), lifecycle and address parts. */
export const userSchema = closed(
  {
    user_id: text,
    id: Type.Integer({ description: "The int32 id of `GET /User/{id}/status`." }),
    email: nullable(text),
    fname: nullable(text),
    lname: nullable(text),
    date_of_birth: nullable(text),
    cognito_username: nullable(text),
    bridge_customer_id: nullable(text),
    kyc_submitted_at: nullable(time),
    kyc_approved_at: nullable(time),
    kyc_failure_reason: nullable(text),
    role: roleSchema,
    status: pcxStatusSchema,
    lifecycle: lifecycleSchema,
    type: typeSchema,
    created_by: nullable(text),
    org_id: nullable(text),
    org_ids: Type.Array(text),
    phone_number: nullable(text),
    address: nullable(text),
    address2: nullable(text),
    city: nullable(text),
    region: nullable(text),
    postalCode: nullable(text),
    country: nullable(text),
    id_type: nullable(text),
    id_number: nullable(Type.String({ description: "Masked to its last two characters." })),
    additional_id_type: nullable(text),
    additional_id_number: nullable(Type.String({ description: "Masked to its last two characters." })),
    kyc_session_id: nullable(text),
    kyc_status: nullable(text),
    accountType: oneOf(["standard", "arbitrator"]),
    created_at: time,
    updated_at: time,
  },
  { examples: [exampleUser] },
);

export const userParams = closed({ user_id: uuidSchema });

/** The six fields of the 10nPay document, and with `explain=true` our reasons and next steps. */
export const gateSchema = closed(
  {
    isEmailVerified: Type.Boolean(),
    isPhoneNumberVerified: Type.Boolean(),
    isScaVerified: Type.Boolean(),
    isAdditionalData: Type.Boolean(),
    isOptionalKyc: Type.Boolean(),
    status: Type.Integer({
      description: "50 Registered, 150 Pending Verification, 200 Active, 300 Deactivated, 350 Closed, 400 Blocked.",
    }),
    reasons: Type.Optional(Type.Array(text, { description: "Why the status is what it is; with `explain=true`." })),
    nextSteps: Type.Optional(
      Type.Array(closed({ step: text, endpoint: nullable(text), sentence: text }), {
        description: "What is missing; with `explain=true`.",
      }),
    ),
  },
  {
    examples: [
      {
        isEmailVerified: true,
        isPhoneNumberVerified: false,
        isScaVerified: false,
        isAdditionalData: false,
        isOptionalKyc: false,
        status: 200,
      },
    ],
  },
);

export const timelineEntrySchema = closed(
  {
    entry_id: text,
    at: time,
    action: text,
    actor: Type.Optional(closed({ kind: text, id: text })),
    changes: Type.Record(Type.String(), closed({ before: Type.Unknown(), after: Type.Unknown() })),
    changed_fields: Type.Array(text, { description: "Personal fields that changed, without their values." }),
    reason: nullable(text),
  },
  {
    examples: [
      {
        entry_id: "0199d3a2-11aa-7d10-9f3c-8a7b6c5d4e3f",
        at: "2026-01-15T10:02:41.207Z",
        action: "user.deactivated",
        actor: { kind: "user", id: "0199d3a0-0000-7a00-8000-1f2e3d4c5b6a" },
        changes: { status: { before: "active", after: "inactive" } },
        changed_fields: [],
        reason: "Asked for it by phone",
      },
    ],
  },
);
