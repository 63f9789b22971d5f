import type { NameFamily } from "./names.ts";

/** A country of residence. */
export type Place = {
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** Population in millions, rounded (United Nations, World Population Prospects 2024): the weight. */
  millions: number;
  callingCode: string;
  names: NameFamily;
  /** A city with the start of its postal codes; null where the country has none. */
  cities: readonly (readonly [city: string, postalCode: string | null])[];
};

/** Where the population lives. */
// biome-ignore format: a table reads best aligned
export const places: readonly Place[] = [
  { country: "IN", millions: 1451, callingCode: "91",  names: "indian",      cities: [["Mumbai", "4000"], ["Delhi", "1100"], ["Bengaluru", "5600"]] },
  { country: "US", millions: 345,  callingCode: "1",   names: "english",     cities: [["New York", "100"], ["Houston", "770"], ["Chicago", "606"]] },
  { country: "ID", millions: 283,  callingCode: "62",  names: "indonesian",  cities: [["Jakarta", "101"], ["Surabaya", "602"]] },
  { country: "PK", millions: 251,  callingCode: "92",  names: "arabic",      cities: [["Karachi", "740"], ["Lahore", "540"]] },
  { country: "NG", millions: 233,  callingCode: "234", names: "westAfrican", cities: [["Lagos", "1001"], ["Abuja", "9001"], ["Kano", "7001"]] },
  { country: "BR", millions: 212,  callingCode: "55",  names: "portuguese",  cities: [["São Paulo", "010"], ["Salvador", "400"]] },
  { country: "MX", millions: 131,  callingCode: "52",  names: "spanish",     cities: [["Ciudad de México", "060"], ["Guadalajara", "441"]] },
  { country: "EG", millions: 117,  callingCode: "20",  names: "arabic",      cities: [["Cairo", "115"], ["Alexandria", "215"]] },
  { country: "PH", millions: 116,  callingCode: "63",  names: "spanish",     cities: [["Manila", "10"], ["Cebu City", "60"]] },
  { country: "VN", millions: 101,  callingCode: "84",  names: "vietnamese",  cities: [["Hà Nội", "100"], ["Đà Nẵng", "500"]] },
  { country: "DE", millions: 85,   callingCode: "49",  names: "german",      cities: [["Berlin", "101"], ["Köln", "506"], ["München", "803"]] },
  { country: "GB", millions: 69,   callingCode: "44",  names: "english",     cities: [["London", "E1 "], ["Leeds", "LS1 "]] },
  { country: "FR", millions: 67,   callingCode: "33",  names: "french",      cities: [["Paris", "750"], ["Lyon", "690"]] },
  { country: "ZA", millions: 64,   callingCode: "27",  names: "westAfrican", cities: [["Johannesburg", "20"], ["Durban", "40"]] },
  { country: "KE", millions: 56,   callingCode: "254", names: "westAfrican", cities: [["Nairobi", "001"], ["Mombasa", "801"]] },
  { country: "CO", millions: 53,   callingCode: "57",  names: "spanish",     cities: [["Bogotá", "110"], ["Medellín", "050"]] },
  { country: "ES", millions: 48,   callingCode: "34",  names: "spanish",     cities: [["Madrid", "280"], ["Sevilla", "410"]] },
  { country: "AR", millions: 46,   callingCode: "54",  names: "spanish",     cities: [["Buenos Aires", "10"], ["Rosario", "20"]] },
  { country: "GH", millions: 34,   callingCode: "233", names: "westAfrican", cities: [["Accra", null], ["Kumasi", null]] },
  { country: "AE", millions: 11,   callingCode: "971", names: "arabic",      cities: [["Dubai", null], ["Sharjah", null]] },
];
