import type { Clock } from "../../../foundation/clock/index.ts";
import { invalidRequest } from "../../../foundation/errors/common.ts";
import type { FieldErrors } from "../../../foundation/errors/index.ts";
import type { UserStatus } from "../../lifecycle/index.ts";
import type { UserRow } from "../../users/index.ts";
import { verificationNotAllowed } from "../errors.ts";
import type { IntroducedPerson } from "../port.ts";

/** What the caller says of the person. */
export type CustomerWishes = { email: string; first_name?: string; last_name?: string };

/** Bridge takes nobody younger. */
const minimumAgeYears = 18;

/** Bridge takes no shorter names. */
const shortestName = 2;

/** Why a state allows no first customer; undefined where it does. Who has one, has it whatever becomes of them. */
// biome-ignore format: a table reads best aligned
const refusals: Record<UserStatus, string | undefined> = {
  pending:              "The e-mail address has to be confirmed first.",
  not_verified:         undefined,
  sandbox:              "A test user is never verified. An operator can end the test state.",
  pending_verification: undefined,
  active:               undefined,
  inactive:             "The account is deactivated. An operator can reactivate it.",
  closed:               "The account is closed.",
  rejected:             "The last decision was negative. An operator can reopen the verification.",
  blocked:              "The account is blocked. An operator can lift that.",
};

/** @throws verification-not-allowed (409) */
export function checkStanding(user: UserRow): void {
  const refusal = user.bridge_customer_id === null ? refusals[user.status] : undefined;
  const detail = user.erased_at ? "The account was erased." : refusal;
  if (detail !== undefined) throw verificationNotAllowed({ detail });
}

/**
 * The person as Bridge is told of them: the names of the request, or else the profile's; the rest is the profile's.
 *
 * @throws invalid-request naming `email`, `first_name`, `last_name` or `date_of_birth`
 */
export function readPerson({ clock }: { clock: Clock }, user: UserRow, wishes: CustomerWishes): IntroducedPerson {
  const firstName = (wishes.first_name ?? user.fname ?? "").trim();
  const lastName = (wishes.last_name ?? user.lname ?? "").trim();
  const errors: FieldErrors = {};
  if (user.email === null || wishes.email.trim().toLowerCase() !== user.email)
    errors.email = ["must be the user's own e-mail address"];
  for (const [field, name] of [
    ["first_name", firstName],
    ["last_name", lastName],
  ] as const) {
    if (name === "") errors[field] = ["is needed: the profile has none"];
    else if (name.length < shortestName) errors[field] = [`must have ${shortestName} characters or more`];
  }
  if (user.date_of_birth !== null && isYounger(user.date_of_birth, clock.now()))
    errors.date_of_birth = [`must be at least ${minimumAgeYears} years ago`];
  if (user.email === null || Object.keys(errors).length > 0) throw invalidRequest({ errors });
  return {
    userId: user.user_id,
    email: user.email,
    firstName,
    lastName,
    dateOfBirth: user.date_of_birth,
    phoneNumber: user.phone_number,
    address: {
      line1: user.address1,
      line2: user.address2,
      city: user.city,
      region: user.region,
      postalCode: user.postal_code,
      country: user.country,
    },
  };
}

/** By calendar, in UTC. */
function isYounger(dateOfBirth: string, now: Date): boolean {
  const ofAge = `${String(Number(dateOfBirth.slice(0, 4)) + minimumAgeYears).padStart(4, "0")}${dateOfBirth.slice(4)}`;
  return ofAge > now.toISOString().slice(0, 10);
}
