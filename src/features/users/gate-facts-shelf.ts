import type { Shelf } from "../../foundation/database/index.ts";
import { userStatuses } from "../lifecycle/index.ts";
import type { GateFacts } from "./users.queries.ts";

/** Six bytes each. */
const places = 2 ** 20;

/** One bit each; the status stands above them, counted from 1, so that 0 is an empty place. */
const bit = { email_verified: 1, phone_verified: 2, sca_verified: 4, additional_data: 8, optional_kyc: 16 } as const;
const statusUnit = 32;

/**
 * Keeps the facts of up to a million users in 6 MB of memory, of which the system gives only what is written to: each id
 * has one place, which it shares with those a multiple of 1,048,576 away. Whoever was read last has it.
 */
export function createGateFactsShelf(): Shelf<number, GateFacts> {
  const ids = new Int32Array(places);
  const packed = new Uint16Array(places);
  let empty = true;
  const placeOf = (id: number) => id % places;
  return {
    kind: "gate facts",
    readKey: Number,
    place: {
      get: (id) => {
        const place = placeOf(id);
        const bits = packed[place];
        return bits && ids[place] === id ? unpack(id, bits) : undefined;
      },
      set: (id, facts) => {
        const place = placeOf(id);
        ids[place] = id;
        packed[place] = pack(facts);
        empty = false;
      },
      delete: (id) => {
        const place = placeOf(id);
        if (ids[place] === id) packed[place] = 0;
      },
      clear: () => {
        if (!empty) packed.fill(0);
        empty = true;
      },
    },
  };
}

function pack(facts: GateFacts): number {
  const status = userStatuses.indexOf(facts.status);
  // A version to come may know more states: such a one is read each time.
  if (status === -1) return 0;
  let bits = (status + 1) * statusUnit;
  for (const flag of Object.keys(bit) as (keyof typeof bit)[]) if (facts[flag]) bits += bit[flag];
  return bits;
}

function unpack(id: number, bits: number): GateFacts {
  const status = userStatuses[Math.floor(bits / statusUnit) - 1];
  if (status === undefined) throw new RangeError("A place holds what was never packed.");
  return {
    id,
    status,
    email_verified: (bits & bit.email_verified) !== 0,
    phone_verified: (bits & bit.phone_verified) !== 0,
    sca_verified: (bits & bit.sca_verified) !== 0,
    additional_data: (bits & bit.additional_data) !== 0,
    optional_kyc: (bits & bit.optional_kyc) !== 0,
  };
}
