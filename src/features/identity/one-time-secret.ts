import type { Ids } from "../../foundation/ids/index.ts";

/** How secrets of one kind are made and how long they count. */
type SecretKind = {
  /** A code is six digits for a person to type; a token is unguessable and travels in a link. */
  make(ids: Ids): string;
  lifetimeSeconds: number;
  tries: number;
};

const code = (ids: Ids) => ids.sixDigits();
const token = (ids: Ids) => ids.token();

/** Every one-time secret there is, by what it opens. The subject of each is a `user_id`. */
export const secretKinds = {
  "confirm-email": { make: code, lifetimeSeconds: 600, tries: 5 },
  "reset-password": { make: code, lifetimeSeconds: 600, tries: 5 },
  "login-link": { make: token, lifetimeSeconds: 900, tries: 5 },
  "verify-phone": { make: code, lifetimeSeconds: 600, tries: 5 },
  // The challenges of second factors; as bytes, also those that a passkey signs.
  "second-factor": { make: token, lifetimeSeconds: 300, tries: 5 },
  "second-factor-proof": { make: token, lifetimeSeconds: 300, tries: 5 },
  "enrol-totp": { make: token, lifetimeSeconds: 600, tries: 5 },
  "enrol-passkey": { make: token, lifetimeSeconds: 600, tries: 5 },
} as const satisfies Record<string, SecretKind>;

export type SecretPurpose = keyof typeof secretKinds;

/** Stands for the subject where there is no account, so that unknown and known ones cost the same statements. */
export const nobody = "00000000-0000-0000-0000-000000000000";
