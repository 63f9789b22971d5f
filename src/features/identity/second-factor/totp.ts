import { Secret, TOTP } from "otpauth";

/** RFC 6238 with the values that every app understands. */
const settings = { algorithm: "SHA1", digits: 6, period: 30 } as const;

/** A code of the step before or after counts, too: clocks differ, and typing takes time. */
const window = 1;

/** A new secret: 20 random bytes (RFC 4226 section 4), base32. */
export function makeTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What apps read from a QR code: `otpauth://totp/…`. */
export function describeTotp({ secret, label, issuer }: { secret: string; label: string; issuer: string }): string {
  return new TOTP({ ...settings, secret, label, issuer }).toString();
}

/** The time step whose code this is; undefined where it is none of the three that count now. */
export function findStep(secret: string, code: string, now: Date): number | undefined {
  const timestamp = now.getTime();
  const delta = TOTP.validate({ ...settings, secret: Secret.fromBase32(secret), token: code, timestamp, window });
  return delta === null ? undefined : Math.floor(timestamp / 1000 / settings.period) + delta;
}

/** The name that binds a sealed secret to its row. */
export const totpField = (factorId: string) => `totp ${factorId}`;
