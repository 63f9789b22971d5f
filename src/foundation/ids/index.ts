import { randomBytes, randomInt } from "node:crypto";
import { v7 } from "uuid";

/** Where ids and secrets come from: random in production, repeatable where a test needs it. */
export type Ids = {
  /** A UUID version 7 (RFC 9562): sorts by the time it was made. */
  uuid(): string;
  /** An unguessable text for links and tokens: 32 random bytes, base64url, 43 characters. */
  token(): string;
  /** A code of six decimal digits for a person to type. */
  sixDigits(): string;
};

/** Ids from the operating system's random source. */
export const randomIds: Ids = {
  uuid: () => v7(),
  token: () => randomBytes(32).toString("base64url"),
  sixDigits: () => String(randomInt(0, 1_000_000)).padStart(6, "0"),
};
