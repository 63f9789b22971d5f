import type { Actor, Change, NewEntry } from "../journal/index.ts";
import type { UserRow } from "../users/index.ts";
import type { Registration } from "./read-registration.ts";

/** What the sealed part of the entry keeps; document numbers stay out of it. */
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

const made = (after: unknown): Change => ({ before: null, after });

/** The journal entry of a registration. */
export function describeRegistration(
  user: UserRow,
  { invitedBy }: Pick<Registration, "invitedBy">,
  actor: Actor,
  requestId: string,
): NewEntry {
  const given = personalFields.filter((field) => user[field] !== null);
  return {
    actor,
    action: "user.registered",
    subject: { kind: "user", id: user.user_id },
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
