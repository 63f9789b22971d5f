import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, TOTP } from "otpauth";
import type { DeclaredError } from "../../../foundation/errors/index.ts";
import { confirmEmail } from "../confirm-email.ts";
import { codeOf, facts, password, startIdentity } from "../identity-for-tests.ts";
import { logIn } from "../log-in.ts";
import { issueLoginLink, logInWithLink } from "../login-link.ts";
import { beginEnrolment } from "./begin-enrolment.ts";
import { completeLogIn } from "./complete-log-in.ts";
import { finishEnrolment } from "./finish-enrolment.ts";

test("a log-in link asks for the second factor as well, and is used up by it", async (t) => {
  const identity = await startIdentity();
  t.after(() => identity.stop());
  const { deps, clock } = identity;
  const email = "ada@example.com";
  await identity.register(email);

  await confirmEmail(deps, { email, code: await identity.newestCode(email), ...facts });
  const caller = await identity.authenticate((await logIn(deps, { email, password, ...facts })).accessToken);
  const begun = await beginEnrolment(deps, { caller, method: "totp" });
  assert.ok(begun.method === "totp");
  const { secret, challenge } = begun;

  const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: clock.now().getTime() });
  const { recovery_codes: codes } = await finishEnrolment(deps, { caller, proof: { challenge, code }, ...facts });
  const token = await issueLoginLink(deps, caller.userId);
  const refusal = await logInWithLink(deps, { token, ...facts }).then(
    () => assert.fail("the link alone let in"),
    (error: DeclaredError) => error,
  );
  assert.equal(refusal.declaration.code, "second-factor-required");
  assert.equal(await codeOf(logInWithLink(deps, { token, ...facts })), "invalid-login-link");
  const asked = String(refusal.occurrence.extensions?.challenge);
  const tokens = await completeLogIn(deps, { challenge: asked, proof: { recovery_code: codes?.[0] }, ...facts });
  assert.equal((await identity.authenticate(tokens.accessToken)).secondFactor, true);
});
