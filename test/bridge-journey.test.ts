import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";

let usher: TestUsher;
before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

const start = ({ userId, token, email }: Person, more: Record<string, unknown> = {}) =>
  usher.send("POST", `/users/${userId}/bridge-kyc`, { token, body: { email, ...more } });
const begin = async (person: Person): Promise<string> => {
  const answer = await start(person);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.data.bridge_customer_id;
};
const gate = async ({ id }: Person, token: string) =>
  (await usher.send("GET", `/User/${id}/status`, { token })).body.status as number;

let operator: string | undefined;
const asOperator = async () => {
  operator ??= await usher.logInAdmin();
  return operator;
};

type Told = { action: string; reason: string | null; actor?: { kind: string; id: string } };
const timeline = async ({ userId }: Person): Promise<Told[]> => {
  const answer = await usher.send("GET", `/users/${userId}/timeline?limit=100`, { token: await asOperator() });
  return answer.body.entries;
};
const play = async (customerId: string, action: string, body: Record<string, unknown> = {}) => {
  const played = await usher.playBridge(customerId, action, body);
  assert.equal(played.status, 200, played.text);
  return played.body as { delivered: { kind: string; status: number | null }[]; customer: Record<string, unknown> };
};

test("a person accepts Bridge's terms, is looked at, cleared, and later blocked with the reason on the timeline and in the mailbox", async () => {
  const person = await usher.createPerson();
  const started = await start(person, { first_name: "Ada", last_name: "Okafor", customer_type: "individual" });
  assert.equal(started.status, 200, started.text);
  assert.deepEqual(Object.keys(started.body), ["status", "message", "data"]);
  const { bridge_customer_id: customerId, tos_link: tosLink, user } = started.body.data;
  assert.deepEqual(
    [started.body.status, user.user_id, user.bridge_customer_id],
    ["success", person.userId, customerId],
  );

  const link = new URL(tosLink);
  assert.equal(link.origin, usher.sandbox.bridge.url);
  const page = await fetch(link);
  assert.match(await page.text(), /Terms of service/);
  const accepted = await fetch(`${link.origin}${link.pathname}`, {
    method: "POST",
    body: link.searchParams,
    redirect: "manual",
  });
  const back = new URL(accepted.headers.get("location") ?? "");
  assert.equal(accepted.status, 303);
  assert.equal(back.pathname, "/ekyc/return");
  assert.match(back.searchParams.get("signed_agreement_id") ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(await gate(person, person.token), 150);

  const sessions = await usher.send("GET", "/ekyc/me/sessions", { token: person.token });
  const [session] = Object.values(sessions.body.sessions as Record<string, { id: string; url: string }>);
  assert.equal(session?.id, customerId);
  assert.match(await (await fetch(session?.url ?? "")).text(), /Verify your identity/);

  for (const [status, code] of [
    ["incomplete", 150],
    ["awaiting_questionnaire", 150],
    ["under_review", 150],
    ["active", 200],
  ] as const) {
    const { delivered } = await play(customerId, status);
    assert.deepEqual(
      delivered.map((one) => one.status),
      [200],
    );
    assert.equal(await gate(person, person.token), code, status);
  }
  await play(customerId, "offboarded", {
    reason: "Known to other institutions",
    developer_reason: "Linked to a mule ring",
  });
  assert.equal(await gate(person, await asOperator()), 400);
  const entries = await timeline(person);
  const blocked = entries.find(({ action }) => action === "user.provider-blocked");
  assert.equal(blocked?.reason, "Known to other institutions");
  await usher.jobs.drain();
  const mails = usher.sandbox.mailbox.list({ to: person.email });
  assert.ok(
    mails.some(({ text }) => text.includes("Known to other institutions")),
    "and in their mailbox",
  );
  assert.ok(!JSON.stringify([entries, mails]).includes("mule ring"), "developer_reason is nobody's to see");
  assert.deepEqual(
    entries
      .map(({ action }) => action)
      .filter((action) => action.startsWith("user.verification"))
      .reverse(),
    ["user.verification-started", "user.verification-approved"],
  );
});

test("a customer who was paused comes back when Bridge says so", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  await play(customerId, "active");
  await play(customerId, "paused");
  assert.equal(await gate(person, await asOperator()), 400);
  await play(customerId, "active");
  assert.equal(await gate(person, await asOperator()), 200);
});

test("a refusal shows Bridge's newest reason, never the one for developers; a later approval lifts it", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  await play(customerId, "rejected", { reason: "Missing required ID details." });
  await play(customerId, "under_review");
  await play(customerId, "rejected", { reason: "Electronic replica detected." });
  const user = await usher.send("GET", `/users/${person.userId}`, { token: person.token });
  assert.deepEqual(
    [user.body.status, user.body.kyc_failure_reason, user.body.kyc_status],
    ["rejected", "Your information could not be verified", "rejected"],
  );
  assert.ok(!user.text.includes("replica"));
  await play(customerId, "active");
  assert.equal(await gate(person, person.token), 200);
});

test("events in the wrong order end as Bridge's own times say", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  const now = usher.clock.now().getTime();
  const at = (seconds: number) => ({ event_created_at: new Date(now + seconds * 1000).toISOString() });
  await play(customerId, "active", at(50));
  for (const [status, seconds] of [
    ["rejected", 40],
    ["paused", 30],
    ["under_review", 10],
    ["incomplete", 5],
  ] as const) {
    await play(customerId, status, { ...at(seconds), bare_event_type: seconds > 20, without_sequence: seconds < 20 });
    assert.equal(await gate(person, person.token), 200, `${status} was before the approval`);
  }
  await play(customerId, "rejected", at(60));
  assert.equal(await gate(person, person.token), 400);
});

test("who was offboarded stays blocked, whatever Bridge says later", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  await play(customerId, "offboarded");
  await play(customerId, "active");
  assert.equal(await gate(person, await asOperator()), 400);
  const blocked = (await timeline(person)).find(({ action }) => action === "user.provider-blocked");
  assert.equal(blocked?.reason, "The provider has closed this account.");
});

test("a status never seen before changes nothing and is kept for an operator", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  await play(customerId, "active");
  await play(customerId, "become", { status: "frobnicated" });
  assert.equal(await gate(person, person.token), 200);
  const inbox = await usher.send("GET", "/webhooks/inbox?outcome=unknown", { token: await asOperator() });
  const kept = inbox.body.deliveries.find(
    (one: { provider_session_id: string }) => one.provider_session_id === customerId,
  );
  assert.deepEqual([kept?.provider, kept?.user_id], ["bridge", person.userId]);
});

test("an operator reads which endorsements a customer has, and that an active one without any opens no rail", async () => {
  const person = await usher.createPerson();
  const customerId = await begin(person);
  await play(customerId, "active");
  const inbox = await usher.send("GET", "/webhooks/inbox?outcome=applied", { token: await asOperator() });
  const details = inbox.body.deliveries
    .filter((one: { provider_session_id: string }) => one.provider_session_id === customerId)
    .map(({ detail }: { detail: string }) => detail);
  assert.ok(details.includes("Endorsements: base approved."), JSON.stringify(details));
});

test("after these journeys every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
