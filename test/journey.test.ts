import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startCognitoLocal } from "../src/features/identity/providers/cognito-local-for-tests.ts";
import { startUsher, type TestUsher } from "./harness.ts";

let usher: TestUsher;
before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

test("a stranger goes from registration to cleared, and the gate tells each step (embedded)", () =>
  goTheWholeWay(usher));

test("a stranger goes from registration to cleared, and the gate tells each step (Cognito's double)", async (t) => {
  const own = await startUsher({ IDENTITY_PROVIDER: "cognito" });
  t.after(() => own.stop());
  await goTheWholeWay(own);
});

test("a stranger goes from registration to cleared, and the gate tells each step (cognito-local)", async (t) => {
  const { cognito, code, stop } = await startCognitoLocal();
  t.after(stop);
  const own = await startUsher({
    IDENTITY_PROVIDER: "cognito",
    AWS_REGION: cognito.region,
    COGNITO_ENDPOINT: cognito.endpoint ?? "",
    COGNITO_USER_POOL_ID: cognito.userPoolId,
    COGNITO_CLIENT_ID: cognito.clientId,
  });
  t.after(() => own.stop());
  await goTheWholeWay({ ...own, newestCode: async () => code });
});

/** The journey of the PCX document, the same words whoever keeps the accounts. */
async function goTheWholeWay({
  send,
  newestCode,
  playVeriff,
}: Pick<TestUsher, "send" | "newestCode" | "playVeriff">): Promise<void> {
  const email = "journey@example.com";
  const password = "a long walk through town";
  const registered = await send("POST", "/users/register", {
    body: { email, fname: "Ada", lname: "Okafor", password, date_of_birth: "1990-05-17", org_name: "Okafor Trading" },
  });
  assert.equal(registered.status, 201, registered.text);
  assert.equal(registered.body.requires_confirmation, true);
  assert.equal(
    registered.body.user.org_ids.length,
    1,
    "org_name makes the registrant's organisation in the same transaction",
  );
  const early = await send("POST", "/auth/login", { body: { email, password } });
  assert.deepEqual([early.status, early.body.errorCode], [403, "email-not-confirmed"]);

  const confirmed = await send("POST", "/users/confirm", {
    body: { email, confirmation_code: await newestCode(email) },
  });
  assert.equal(confirmed.status, 200, confirmed.text);
  const { body: tokens } = await send("POST", "/auth/login", { body: { email, password } });
  const token = tokens.accessToken;
  const gate = async () => (await send("GET", `/User/${registered.body.user.id}/status`, { token })).body;
  assert.deepEqual(await gate(), {
    isEmailVerified: true,
    isPhoneNumberVerified: false,
    isScaVerified: false,
    isAdditionalData: false,
    isOptionalKyc: false,
    status: 50,
  });

  const session = await send("POST", "/ekyc/me/sessions", { token });
  assert.equal(session.status, 200, session.text);
  assert.equal((await gate()).status, 50, "an opened session is no verification yet");
  await playVeriff(session.body.id, "started");
  assert.equal((await gate()).status, 150);
  await playVeriff(session.body.id, "submitted");
  assert.equal((await gate()).status, 150);
  const played = await playVeriff(session.body.id, "approve");
  assert.deepEqual(
    played.body.delivered.map((delivery: { status: number }) => delivery.status),
    [200],
  );
  assert.deepEqual(await gate(), {
    isEmailVerified: true,
    isPhoneNumberVerified: false,
    isScaVerified: false,
    isAdditionalData: false,
    isOptionalKyc: false,
    status: 200,
  });

  const status = await send("GET", "/ekyc/me/status", { token });
  assert.equal(status.body.verification.status, "success");
  const timeline = await send("GET", `/users/${registered.body.user.user_id}/timeline`, { token });
  assert.deepEqual(
    timeline.body.entries
      .map((entry: { action: string }) => entry.action)
      .filter((action: string) => action.startsWith("user."))
      .reverse(),
    [
      "user.registered",
      "user.organisation-joined",
      "user.email-confirmed",
      "user.logged-in",
      "user.verification-started",
      "user.verification-approved",
    ],
  );
}

test("a later decline of the same session takes the clearance back", async () => {
  const { send, createPerson, playVeriff } = usher;
  const person = await createPerson();
  const session = await send("POST", "/ekyc/me/sessions", { token: person.token });
  await playVeriff(session.body.id, "approve");
  assert.equal((await send("GET", `/User/${person.id}/status`, { token: person.token })).body.status, 200);
  await playVeriff(session.body.id, "decline", { reasonCode: 102 });
  const gate = await send("GET", `/User/${person.id}/status?explain=true`, { token: person.token });
  assert.equal(gate.body.status, 400);
  assert.deepEqual(
    gate.body.nextSteps.map((step: { step: string }) => step.step),
    ["contact-support"],
  );
});

test("a provider's refusal stays the provider's to lift, after a deactivation in between too", async () => {
  const { send, createPerson, playVeriff, logInAdmin } = usher;
  const admin = await logInAdmin();
  const me = (await send("GET", "/auth/me", { token: admin })).body.userId;
  const person = await createPerson();
  const session = await send("POST", "/ekyc/me/sessions", { token: person.token });
  await playVeriff(session.body.id, "decline", { reasonCode: 102 });
  const deactivated = await send("PUT", `/users/${person.userId}/deactivate`, {
    token: admin,
    body: { updated_by: me },
  });
  assert.equal(deactivated.status, 200, deactivated.text);
  const reactivated = await send("PUT", `/users/${person.userId}/activate`, {
    token: admin,
    body: { status: "rejected" },
  });
  assert.equal(reactivated.body.user.status, "rejected", reactivated.text);
  await playVeriff(session.body.id, "approve");
  assert.equal((await send("GET", `/User/${person.id}/status`, { token: admin })).body.status, 200);
});
