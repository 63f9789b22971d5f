import { createHash, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

/** A six-digit code that was mailed. */
export type MailedCode = { code: string; expiresAt: number; triesLeft: number };

/** A user of the pool. Times are milliseconds since 1970. */
export type Account = {
  /** The `sub`, which is the user name in pools that sign in by e-mail address. */
  sub: string;
  email: string;
  emailVerified: boolean;
  status: "UNCONFIRMED" | "CONFIRMED" | "FORCE_CHANGE_PASSWORD";
  enabled: boolean;
  password?: { salt: string; hash: string };
  createdAt: number;
  modifiedAt: number;
  codes: { signUp?: MailedCode; forgotPassword?: MailedCode };
  /** When codes were asked for, within the last hour. */
  codesAskedAt: number[];
  failures: { count: number; lastAt: number };
};

/** One sign-in, over all its refreshes. Times are milliseconds since 1970. */
export type SignIn = {
  originJti: string;
  sub: string;
  authTime: number;
  /** Digest of the refresh token that counts, and of those that were rotated away. */
  refresh: string;
  rotatedAway: string[];
  revoked: boolean;
  expiresAt: number;
};

/** Cheap on purpose: this is a double, and nobody's real password. */
const cost = { N: 1024, r: 8, p: 1 };

/** Salted hash of a password. */
export function hashPassword(password: string): { salt: string; hash: string } {
  const salt = randomBytes(16).toString("hex");
  return { salt, hash: scryptSync(password, salt, 32, cost).toString("hex") };
}

export function passwordFits(account: Account, password: string): boolean {
  if (!account.password) return false;
  const { salt, hash } = account.password;
  return timingSafeEqual(scryptSync(password, salt, 32, cost), Buffer.from(hash, "hex"));
}

/** Refresh tokens are kept by digest. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
