import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../../config.ts";
import { codeOf, facts, startIdentity } from "../identity-for-tests.ts";
import { sendPhoneCode } from "./send-phone-code.ts";

test("where no text messages can be sent, asking for a code says so and counts nothing", async (t) => {
  const identity = await startIdentity();
  t.after(() => identity.stop());
  const { user_id: userId, id } = await identity.register("ada@example.com", { phone_number: "+2348031234567" });
  const rights = { role: "retail", type: "user", permissions: [], secondFactor: false } as const;
  const caller = { kind: "user", id, userId, grantId: "g", ...rights } as const;
  assert.equal(await codeOf(sendPhoneCode(identity.deps, { caller, ...facts })), "sms-not-configured");
  await sendPhoneCode({ ...identity.deps, smsConfigured: true }, { caller, ...facts });
  assert.deepEqual((await identity.actionsOf(userId)).at(-1), "user.phone-code-sent");
});

test("half an SMS account is a problem at start, and so is an address without TLS in production", () => {
  const problemsOf = (environment: Record<string, string>) => {
    try {
      readConfig(environment);
      return [];
    } catch (error) {
      return (error as { problems: string[] }).problems.filter((problem) => /SMS_|SECOND_FACTOR/.test(problem));
    }
  };
  assert.deepEqual(problemsOf({}), []);
  assert.equal(problemsOf({ SMS_ACCOUNT_SID: "AC1" }).length, 2);
  const account = { SMS_ACCOUNT_SID: "AC1", SMS_AUTH_TOKEN: "t", SMS_FROM: "+15005550006" };
  assert.deepEqual(problemsOf(account), []);
  assert.deepEqual(problemsOf({ ...account, USHER_MODE: "production", SMS_BASE_URL: "http://sms.example" }), [
    "SMS_BASE_URL must begin with https:// in production.",
  ]);
  assert.deepEqual(problemsOf({ REQUIRE_OPERATOR_SECOND_FACTOR: "yes" }), [
    "REQUIRE_OPERATOR_SECOND_FACTOR must be on or off.",
  ]);
});
