import { createHmac, timingSafeEqual } from "node:crypto";
import { invalidRequest } from "../errors/common.ts";

/** Opaque cursors for paging: the place to go on from, bound to the caller and the filter it was made for. */
export type Cursors = {
  /** `place` becomes a base64url text. `scope` names the list, its filter and the caller. */
  encode(place: unknown, scope: unknown): string;
  /** The place back. @throws invalid-request naming `field` when the cursor was altered or made for another list */
  decode<Place>(cursor: string, scope: unknown, field: string): Place;
};

/** Makes cursors signed with a 32-byte key. */
export function createCursors(key: Buffer): Cursors {
  const sign = (payload: string, scope: unknown) =>
    createHmac("sha256", key).update(JSON.stringify(scope)).update("\n").update(payload).digest().subarray(0, 16);
  return {
    encode: (place, scope) => {
      const payload = Buffer.from(JSON.stringify(place)).toString("base64url");
      return Buffer.from(`${payload}.${sign(payload, scope).toString("base64url")}`).toString("base64url");
    },
    decode: <Place>(cursor: string, scope: unknown, field: string) => {
      const [payload, signature, ...rest] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
      const given = Buffer.from(signature ?? "", "base64url");
      if (!payload || rest.length > 0 || given.length !== 16 || !timingSafeEqual(given, sign(payload, scope))) {
        throw invalidRequest({ errors: { [field]: ["is not a cursor that this list gave to you"] } });
      }
      return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Place;
    },
  };
}
