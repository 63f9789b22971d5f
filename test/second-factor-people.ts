import assert from "node:assert/strict";
import { Secret, TOTP } from "otpauth";
import type { Answer, Person, TestUsher } from "./harness.ts";
import { password } from "./harness.ts";

/** The code that an app shows at a moment. */
export function codeOf(secret: string, now: Date): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now.getTime() });
}

/** A person with an app enrolled, who has to log in again to be one with a second factor. */
export type AppOwner = Person & { secret: string; factorId: string; recoveryCodes: string[] };

/** Enrols an app for somebody who is logged in. */
export async function enrolApp(usher: TestUsher, person: Person): Promise<AppOwner> {
  const { send, clock } = usher;
  const path = `/users/${person.userId}/sca`;
  const begun = await send("POST", path, { token: person.token, body: { method: "totp" } });
  assert.equal(begun.status, 201, begun.text);
  const { secret, challenge } = begun.body;
  const verified = await send("POST", `${path}/verify`, {
    token: person.token,
    body: { challenge, code: codeOf(secret, clock.now()) },
  });
  assert.equal(verified.status, 200, verified.text);
  return { ...person, secret, factorId: verified.body.factor_id, recoveryCodes: verified.body.recovery_codes };
}

/** The first half of a log-in: the challenge. */
export async function beginLogIn(usher: TestUsher, email: string): Promise<Answer["body"]> {
  const begun = await usher.send("POST", "/auth/login", { body: { email, password } });
  assert.equal(begun.status, 401, begun.text);
  assert.equal(begun.body.errorCode, "second-factor-required");
  return begun.body;
}

/** Both halves, with the app; the clock moves on first, so that the code is a new one. */
export async function logInWithApp(usher: TestUsher, person: AppOwner): Promise<AppOwner> {
  usher.clock.advanceSeconds(30);
  const { challenge } = await beginLogIn(usher, person.email);
  const answer = await usher.send("POST", "/auth/login/second-factor", {
    body: { challenge, code: codeOf(person.secret, usher.clock.now()) },
  });
  assert.equal(answer.status, 200, answer.text);
  return { ...person, token: answer.body.accessToken, refreshToken: answer.body.refreshToken };
}
