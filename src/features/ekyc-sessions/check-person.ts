import type { Clock } from "../../foundation/clock/index.ts";
import type { FieldErrors } from "../../foundation/errors/index.ts";
import { type Purpose, verificationNotAllowed } from "../kyc/index.ts";
import type { UserStatus } from "../lifecycle/index.ts";
import type { UserRow } from "../users/index.ts";
import { belowMinimumAge, verificationDataMissing } from "./errors.ts";

/** Nobody younger is verified. */
const minimumAgeYears = 14;

/** Why a state allows no session of a purpose; undefined where it does. */
// biome-ignore format: a table reads best aligned
const refusals: Record<UserStatus, { required?: string; optional?: string }> = {
  pending:              same("The e-mail address has to be confirmed first."),
  not_verified:         {},
  sandbox:              same("A test user is never verified. An operator can end the test state."),
  pending_verification: {},
  active:               { required: 'The user is verified already. For an additional verification, ask for `purpose` "optional".' },
  inactive:             same("The account is deactivated. An operator can reactivate it."),
  closed:               same("The account is closed."),
  rejected:             same("The last decision was negative. An operator can reopen the verification."),
  blocked:              same("The account is blocked. An operator can lift that."),
};

function same(sentence: string) {
  return { required: sentence, optional: sentence };
}

/**
 * Whether a person may have an eKYC session now.
 *
 * @throws verification-not-allowed (409), verification-data-missing (400), below-minimum-age (400)
 */
export function checkPerson({ clock }: { clock: Clock }, user: UserRow, purpose: Purpose): void {
  const refusal = user.erased_at ? "The account was erased." : refusals[user.status][purpose];
  if (refusal !== undefined) throw verificationNotAllowed({ detail: refusal });
  const errors = missingData(user);
  if (user.date_of_birth === null || Object.keys(errors).length > 0) throw verificationDataMissing({ errors });
  if (isYounger(user.date_of_birth, clock.now())) {
    throw belowMinimumAge({ errors: { date_of_birth: [`must be at least ${minimumAgeYears} years ago`] } });
  }
}

function missingData({ fname, lname, date_of_birth }: UserRow): FieldErrors {
  const needed = { fname, lname, date_of_birth };
  const missing = Object.entries(needed).filter(([, value]) => !value?.trim());
  return Object.fromEntries(missing.map(([field]) => [field, ["is needed for a verification"]]));
}

/** By calendar, in UTC. Born on 29 February, one comes of age on 1 March of a common year. */
function isYounger(dateOfBirth: string, now: Date): boolean {
  const ofAge = `${String(Number(dateOfBirth.slice(0, 4)) + minimumAgeYears).padStart(4, "0")}${dateOfBirth.slice(4)}`;
  return ofAge > now.toISOString().slice(0, 10);
}
