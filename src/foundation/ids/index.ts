import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { v7 } from "uuid";

/** Where ids and secrets come from: random in production, repeatable where a test needs it. */
export type Ids = {
  /** A UUID version 7 (RFC 9562): sorts by the time it was made. */
  uuid(): string;
  /** A UUID version 4, for requests: needs no order, and Node draws it from pooled randomness, which is quick. */
  requestId(): string;
  /** An unguessable text for links and tokens: 32 random bytes, base64url, 43 characters. */
  token(): string;
  /** A code of six decimal digits for a person to type. */
  sixDigits(): string;
};

/** Ids from the operating system's random source. */
export const randomIds: Ids = {
  uuid: () => v7(),
  requestId: () => randomUUID(),
  token: () => randomBytes(32).toString("base64url"),
  sixDigits: () => String(randomInt(0, 1_000_000)).padStart(6, "0"),
};
