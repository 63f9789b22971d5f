// The codes alone: the package itself loads the names in eighty languages, several MB of memory.
import countries from "i18n-iso-countries/index.js";
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js";
import { Type } from "typebox";
import { invalidRequest } from "../../foundation/errors/common.ts";
import type { ErrorFactory, FieldErrors } from "../../foundation/errors/index.ts";

/** The forms that profile fields take wherever they are accepted; the registration uses them too. */
const noControls = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

/** A name: 1 to 100 characters after trimming, no control characters. */
export const nameSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]+$",
  description: "a name without control characters",
});

/** A line of an address: up to 200 characters. */
export const lineSchema = Type.String({ maxLength: 200, pattern: noControls, description: "one line of text" });

/** A calendar date, YYYY-MM-DD. */
export const dateSchema = Type.String({ format: "date" });

/** A phone number: E.164, or national with the country beside it. */
export const phoneSchema = Type.String({ minLength: 4, maxLength: 32 });

/** A country: ISO 3166-1 alpha-2. */
export const countrySchema = Type.String({ pattern: "^[A-Za-z]{2}$", description: "an ISO 3166-1 alpha-2 code" });

/** A document's number: letters, digits, spaces and - / . */
export const documentNumberSchema = Type.String({
  minLength: 3,
  maxLength: 64,
  pattern: "^[A-Za-z0-9][A-Za-z0-9 ./-]*$",
  description: "letters, digits, spaces, and - / .",
});

/** Raises the findings, if there are any. */
export function refuse(errors: FieldErrors, refusal: ErrorFactory = invalidRequest): void {
  if (Object.keys(errors).length > 0) throw refusal({ errors });
}

/** The country in upper case. @throws invalid-request where ISO 3166-1 does not know it */
export function readCountry(country: string, field = "country"): string {
  const code = country.toUpperCase();
  if (!countries.isValid(code)) refuse({ [field]: ["is not an ISO 3166-1 alpha-2 code"] });
  return code;
}

/** The number in E.164, as libphonenumber knows it. @throws invalid-request */
export function readPhoneNumber(phone: string, country: string | null | undefined, field = "phone_number"): string {
  const parsed = parsePhoneNumberFromString(phone, (country ?? undefined) as CountryCode | undefined);
  if (!parsed?.isValid()) {
    refuse({
      [field]: [
        country
          ? "is not a valid phone number"
          : "is not a valid phone number; write it in E.164 (+234…) or give the country",
      ],
    });
  }
  return parsed?.number as string;
}

/** A date of birth between 1900 and today. @throws invalid-request */
export function readDateOfBirth(date: string, today: Date, field = "date_of_birth"): string {
  if (date < "1900-01-01" || date > today.toISOString().slice(0, 10))
    refuse({ [field]: ["must lie between 1900-01-01 and today"] });
  return date;
}
