import { type NameFamily, names } from "./names.ts";
import { places } from "./places.ts";
import { createNamePicker, createPicker, type Random } from "./random.ts";

const day = 24 * 3600 * 1000;
const pickPlace = createPicker(places, (place) => place.millions);
const pickName = Object.fromEntries(
  Object.entries(names).map(([family, { given, family: surnames }]) => [
    family,
    { given: createNamePicker(given), surname: createNamePicker(surnames) },
  ]),
) as Record<NameFamily, { given: (random: Random) => string; surname: (random: Random) => string }>;

/** Name, address and the like of one made-up person. `number` keeps e-mail address and phone number apart from others'. */
export function composeProfile(random: Random, { number, until }: { number: number; until: Date }) {
  const place = pickPlace(random);
  const [city, postalCode] = place.cities[random.below(place.cities.length)] ?? ["", null];
  const fname = pickName[place.names].given(random);
  const lname = pickName[place.names].surname(random);
  const age = 18 + 52 * random.next() ** 1.7;
  return {
    // `.example` can never receive mail (RFC 2606).
    email: `${toAscii(fname)}.${toAscii(lname)}.${number}@mail.example`,
    fname,
    lname,
    date_of_birth: new Date(until.getTime() - age * 365.25 * day).toISOString().slice(0, 10),
    phone_number: random.chance(0.7) ? `+${place.callingCode}555${String(number).padStart(7, "0")}` : null,
    address1: `${1 + random.below(240)} ${pickName[place.names].surname(random)} Street`,
    city,
    postal_code: postalCode === null ? null : `${postalCode}${String(random.below(100)).padStart(2, "0")}`,
    country: place.country,
  };
}

function toAscii(name: string): string {
  return name
    .replace(/ß/g, "ss")
    .replace(/[đĐ]/g, "d")
    .replace(/ı/g, "i")
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}
