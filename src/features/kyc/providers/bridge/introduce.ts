// The codes alone: the package itself loads the names in eighty languages, several MB of memory.
import countries from "i18n-iso-countries/index.js";
import type { IntroducedPerson } from "../../port.ts";

/** What Bridge is asked to clear a customer for: US rails and crypto. Unsaid, it would ask for SEPA's papers too. */
export const endorsements = ["base"] as const;

/**
 * The body of `POST /v0/customers`. Of the profile goes out what Bridge asks for and takes; what it would refuse (an
 * address without a country, a post box) is left to the person on Bridge's own page. Document numbers stay here.
 *
 * Source: OpenAPI text of POST /customers, and the Customers API guide.
 */
export function introduceToBridge(person: IntroducedPerson): string {
  const { dateOfBirth, phoneNumber } = person;
  const address = readAddress(person.address);
  return JSON.stringify({
    type: "individual",
    first_name: person.firstName,
    last_name: person.lastName,
    email: person.email,
    ...(phoneNumber === null ? {} : { phone: phoneNumber }),
    ...(dateOfBirth === null ? {} : { birth_date: dateOfBirth }),
    ...(address === undefined ? {} : { residential_address: address }),
    endorsements,
    client_reference_id: person.userId,
  });
}

const postBox = /\bp\.?\s*o\.?\s*box\b|\bpost\s*(office\s*)?box\b/i;

function readAddress({ line1, line2, city, region, postalCode, country }: IntroducedPerson["address"]) {
  const code = country === null ? undefined : countries.alpha2ToAlpha3(country);
  const isWhole = line1 !== null && line1.trim().length >= 4 && Boolean(city) && code !== undefined;
  if (!isWhole || postBox.test(`${line1} ${line2 ?? ""}`)) return undefined;
  return {
    street_line_1: line1,
    ...(line2 ? { street_line_2: line2 } : {}),
    city,
    // ISO 3166-2 without the country; a name in words is none.
    ...(region && /^[A-Za-z0-9]{1,3}$/.test(region) ? { subdivision: region.toUpperCase() } : {}),
    ...(postalCode ? { postal_code: postalCode } : {}),
    country: code,
  };
}
