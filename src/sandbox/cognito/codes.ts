import { randomInt } from "node:crypto";
import type { Account } from "./account.ts";
import type { Pool } from "./pool.ts";
import { refusals } from "./refusal.ts";

type Purpose = "signUp" | "forgotPassword";

/** Sign-up codes live a day, password codes an hour. */
const livesSeconds = { signUp: 24 * 3600, forgotPassword: 3600 } as const;
const tries = 5;
const codesAnHour = 20;

/** Makes a code, the newest counts, and mails it. @throws LimitExceededException after 20 in an hour */
export async function sendCode(pool: Pool, account: Account, purpose: Purpose): Promise<object> {
  const now = pool.clock.now().getTime();
  account.codesAskedAt = account.codesAskedAt.filter((moment) => moment > now - 3_600_000);
  if (account.codesAskedAt.length >= codesAnHour) throw refusals.limit();
  account.codesAskedAt.push(now);
  const code = String(randomInt(0, 1_000_000)).padStart(6, "0");
  account.codes[purpose] = { code, expiresAt: now + livesSeconds[purpose] * 1000, triesLeft: tries };
  pool.store.saveAccount(account);
  await pool.mailCode({ to: account.email, code, purpose });
  return deliveryDetails(account.email);
}

/** Where a code went, masked as Cognito does: `a***@e***`. */
export function deliveryDetails(email: string): object {
  const [name = "", domain = ""] = email.split("@");
  return {
    CodeDeliveryDetails: {
      AttributeName: "email",
      DeliveryMedium: "EMAIL",
      Destination: `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`,
    },
  };
}

/** Uses a code up. @throws ExpiredCodeException, CodeMismatchException, TooManyFailedAttemptsException */
export function consumeCode(pool: Pool, account: Account, purpose: Purpose, given: string): void {
  const mailed = account.codes[purpose];
  if (!mailed || mailed.expiresAt <= pool.clock.now().getTime()) throw refusals.expiredCode();
  if (mailed.triesLeft <= 0) throw refusals.tooManyTries();
  if (mailed.code !== given) {
    mailed.triesLeft -= 1;
    pool.store.saveAccount(account);
    throw refusals.wrongCode();
  }
  delete account.codes[purpose];
}
