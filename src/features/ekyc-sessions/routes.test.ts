import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { type Person, startUsher, type TestUsher } from "../../../test/harness.ts";

let usher: TestUsher;
let admin: string;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
});
after(() => usher.stop());

const start = (person: Person, body?: unknown, headers?: Record<string, string>) =>
  usher.send("POST", "/ekyc/me/sessions", { token: person.token, body, headers });

/** Delivers to the front door as Veriff would. */
function deliver(raw: string | Uint8Array, headers: Record<string, string> = {}) {
  const signature = createHmac("sha256", usher.sandbox.veriff.sharedSecret).update(raw).digest("hex");
  return usher.send("POST", "/users/webhook-kyc", { raw, headers: { "x-hmac-signature": signature, ...headers } });
}

const decision = (id: string, vendorData: string, status = "approved") =>
  JSON.stringify({
    status: "success",
    verification: { id, vendorData, status, decisionTime: "2026-03-02T10:20:31.512345Z" },
  });

test("a person starts without a body, is verified at the double, and sees it in every place", async () => {
  const person = await usher.createPerson();
  const started = await start(person);
  assert.equal(started.status, 200, started.text);
  assert.equal(started.body.status, "created");
  const page = await fetch(started.body.url);
  assert.equal(page.status, 200);
  await usher.playVeriff(started.body.id, "approve");
  const status = await usher.send("GET", "/ekyc/me/status", { token: person.token });
  assert.deepEqual(
    [status.body.verification.status, status.body.success.id, status.body.total_sessions],
    ["success", started.body.id, 1],
  );
  const sessions = await usher.send("GET", "/ekyc/me/sessions", { token: person.token });
  assert.deepEqual([sessions.body.id, Object.keys(sessions.body.sessions).length], [person.userId, 1]);
  const current = await usher.send("GET", "/ekyc/me/sessions/current", { token: person.token });
  assert.deepEqual(current.body, started.body.original_request);
  const gate = await usher.send("GET", `/User/${person.id}/status`, { token: person.token });
  assert.equal(gate.body.status, 200, gate.text);
});

test("unknown fields, wrong types and foreign callbacks are 400 naming the field, and open nothing", async () => {
  const person = await usher.createPerson();
  for (const [body, field] of [
    [{ person: "x" }, "person"],
    [{ restart: "true" }, "restart"],
    [{ purpose: "none" }, "purpose"],
    [{ callback: 5 }, "callback"],
    [{ callback: "https://evil.test/" }, "callback"],
    [{ callback: "x".repeat(2000) }, "callback"],
  ] as const) {
    const answer = await start(person, body);
    assert.equal(answer.status, 400, answer.text);
    assert.deepEqual(Object.keys(answer.body.errors), [field]);
  }
  assert.equal((await usher.send("GET", "/ekyc/me/sessions", { token: person.token })).status, 404);
});

test("a restart repeated with its Idempotency-Key gives the same session, another body is 422", async () => {
  const person = await usher.createPerson();
  await start(person);
  const headers = { "idempotency-key": "one" };
  const [first, second] = [
    await start(person, { restart: true }, headers),
    await start(person, { restart: true }, headers),
  ];
  assert.deepEqual([first.status, second.body.id], [200, first.body.id]);
  assert.equal((await start(person, { restart: false }, headers)).status, 422);
});

test("without a token 401; without a birth date 400 naming it", async () => {
  assert.equal((await usher.send("POST", "/ekyc/me/sessions")).status, 401);
  const person = await usher.createPerson({ date_of_birth: undefined });
  const answer = await start(person);
  assert.deepEqual([answer.status, Object.keys(answer.body.errors)], [400, ["date_of_birth"]]);
});

test("1,000 parallel copies of one webhook at the front door: one effect, 1,000 answers of 200", async () => {
  const person = await usher.createPerson();
  const { body: session } = await start(person);
  const raw = decision(session.id, person.userId);
  const answers = await Promise.all(Array.from({ length: 1000 }, () => deliver(raw)));
  assert.deepEqual(
    [...new Set(answers.map(({ status, body }) => `${status} ${body.user?.lifecycle}`))],
    ["200 active"],
  );
  const timeline = await usher.send("GET", `/users/${person.userId}/timeline`, { token: admin });
  const actions = JSON.stringify(timeline.body).match(/kyc\.decision-applied|user\.verification-approved/g);
  assert.equal(actions?.length, 2, timeline.text);
});

test("forged deliveries are 401 with a problem document and stand in the inbox as refused; none has an effect", async () => {
  const person = await usher.createPerson();
  const { body: session } = await start(person);
  const raw = decision(session.id, person.userId);
  const forged = [
    await deliver(raw, { "x-hmac-signature": "" }),
    await deliver(raw, { "x-hmac-signature": "f".repeat(64) }),
    await usher.send("POST", "/users/webhook-kyc", {
      raw: raw.slice(0, -5),
      headers: {
        "x-hmac-signature": createHmac("sha256", usher.sandbox.veriff.sharedSecret).update(raw).digest("hex"),
      },
    }),
    await usher.send("POST", "/users/webhook-kyc", { raw: "", headers: { "content-type": "application/json" } }),
  ];
  for (const { status, headers, body } of forged) {
    assert.deepEqual(
      [status, headers.get("content-type"), body.errorCode],
      [401, "application/problem+json", "webhook-signature-invalid"],
    );
  }
  const inbox = await usher.send("GET", "/webhooks/inbox?outcome=refused&limit=3", { token: admin });
  assert.deepEqual([inbox.status, inbox.body.deliveries.length], [200, 3], inbox.text);
  const next = await usher.send(
    "GET",
    `/webhooks/inbox?outcome=refused&limit=3&last_evaluated_key=${inbox.body.last_evaluated_key}`,
    { token: admin },
  );
  assert.ok(next.body.deliveries.length >= 1, next.text);
  const { delivery_id } = inbox.body.deliveries[0];
  const one = await usher.send("GET", `/webhooks/inbox/${delivery_id}`, { token: admin });
  assert.deepEqual({ ...one.body, ...inbox.body.deliveries[0] }, one.body);
  assert.ok(!one.text.includes("sealed"));
  const status = await usher.send("GET", "/ekyc/me/status", { token: person.token });
  assert.equal(status.body.verification, null);
});

test("signed garbage is 200; another content type is 415; a body over the limit is 413", async () => {
  assert.equal((await deliver("no json")).body.user, null);
  assert.equal((await deliver(new Uint8Array([0xff, 0xfe]))).status, 200);
  assert.equal((await deliver("[".repeat(200_000))).status, 200);
  assert.equal((await deliver("{}", { "content-type": "text/plain" })).status, 415);
  assert.equal((await deliver(`"${"x".repeat(300_000)}"`)).status, 413);
});

test("the inbox is for operators: a person is refused, and a cursor of another filter is 400", async () => {
  const person = await usher.createPerson();
  assert.equal((await usher.send("GET", "/webhooks/inbox", { token: person.token })).status, 403);
  const page = await usher.send("GET", "/webhooks/inbox?limit=1", { token: admin });
  const wrong = await usher.send(
    "GET",
    `/webhooks/inbox?outcome=refused&last_evaluated_key=${page.body.last_evaluated_key}`,
    { token: admin },
  );
  assert.deepEqual([wrong.status, Object.keys(wrong.body.errors)], [400, ["last_evaluated_key"]]);
  assert.equal(
    (await usher.send("GET", "/webhooks/inbox/018f0000-0000-7000-8000-000000000000", { token: admin })).status,
    404,
  );
});
