import { invalidRequest } from "../../../foundation/errors/common.ts";
import type { FieldErrors } from "../../../foundation/errors/index.ts";
import { type ProfileChanges, readCountry, readPhoneNumber, type UserRow } from "../../users/index.ts";
import { readEmail } from "../schemas.ts";
import { missingData } from "./errors.ts";
import type { ProfileBody } from "./schemas.ts";

/** A profile brought to its stored form; what was absent is not in it, except for what is needed. */
export type Profile = ProfileChanges & { email: string; fname: string; lname: string };

const required = ["firstname", "lastname", "email"] as const;

/**
 * Checks what a schema cannot, and brings a profile to its stored form. Fields present change, absent ones stay, null and
 * blank ones clear.
 *
 * @throws missing-data naming firstname, lastname or email; invalid-request naming the field
 */
export function readProfile(body: ProfileBody): Profile {
  requirePresent(required.filter((field) => !body[field]?.trim()));
  const country = body.country == null ? body.country : readCountry(body.country);
  return withoutAbsent({
    fname: body.firstname?.trim() ?? "",
    lname: body.lastname?.trim() ?? "",
    email: readEmail(body.email ?? ""),
    phone_number: body.phone == null ? body.phone : readPhoneNumber(body.phone, country, "phone"),
    country,
    region: trimmed(body.region),
    city: trimmed(body.city),
    address1: trimmed(body.address1),
    address2: trimmed(body.address2),
    postal_code: trimmed(body.postalCode),
    account_type: body.accountType,
    website: readWebsite(body.website),
    additional_info: trimmed(body.additionalInfo),
  });
}

/** What the profile lacks beside the stored user: the wallet, and an arbitrator's website. @throws missing-data */
export function requireComplete(user: UserRow, profile: Profile, walletAddress: string | undefined): void {
  const accountType = profile.account_type ?? user.account_type;
  const website = profile.website === undefined ? user.website : profile.website;
  requirePresent([
    ...(walletAddress === undefined ? ["walletAddress"] : []),
    ...(accountType === "arbitrator" && !website ? ["website"] : []),
  ]);
}

function requirePresent(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const errors: FieldErrors = Object.fromEntries(missing.map((field) => [field, ["is missing"]]));
  throw missingData({ errors });
}

/** Undefined stays, null and blank clear. */
function trimmed(text: string | null | undefined): string | null | undefined {
  return text === undefined ? undefined : text?.trim() || null;
}

function readWebsite(text: string | null | undefined): string | null | undefined {
  const website = trimmed(text);
  if (website && !URL.canParse(website))
    throw invalidRequest({ errors: { website: ["is not an address on the web"] } });
  return website;
}

function withoutAbsent(profile: Profile): Profile {
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined)) as Profile;
}
