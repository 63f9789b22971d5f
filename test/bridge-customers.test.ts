import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { signedHeaders } from "../src/sandbox/veriff/signature.ts";
import { dumpDatabase } from "./database-content.ts";
import { type Answer, type Person, password, sender, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { tally } from "./people.ts";
import { assertProblem } from "./problem.ts";
import { startSecond } from "./second-process.ts";

const operator = "operator@example.com";
let usher: TestUsher;
before(async () => {
  usher = await startUsher({ BOOTSTRAP_ADMIN_EMAIL: operator, BOOTSTRAP_ADMIN_PASSWORD: password });
});
beforeEach(async () => {
  await weather({ preset: "clear" });
  await settings({ customerLinks: true, tosShape: "a" });
  // A breaker that an outage opened tries again after a while that doubles up to ten minutes.
  usher.clock.advanceSeconds(700);
});
after(() => usher.stop());

const bridge: ReturnType<typeof sender> = (...request) => sender(usher.sandbox.bridge.url)(...request);
const weather = (body: Record<string, unknown>) => bridge("PUT", "/sandbox/weather", { body });
const settings = (body: Record<string, unknown>) => bridge("PUT", "/sandbox/settings", { body });

type Known = { id: string; page: string; given: Record<string, unknown> };
const customersOf = async ({ email }: Person): Promise<Known[]> =>
  (await bridge("GET", `/sandbox/customers?email=${encodeURIComponent(email)}`)).body.customers;

const start = ({ userId, token, email }: Person, body: Record<string, unknown> = { email }, send = usher.send) =>
  send("POST", `/users/${userId}/bridge-kyc`, { token, body });
const opened = (answer: Answer): { bridge_customer_id: string; tos_link: string } => {
  assert.equal(answer.status, 200, answer.text);
  return answer.body.data;
};
const sessionsOf = async ({ userId }: Person) =>
  (await sql`select state from kyc_sessions where user_id = ${userId}`.execute(usher.db)).rows;
const userOf = async ({ userId, token }: Person) => (await usher.send("GET", `/users/${userId}`, { token })).body;

test("what Bridge takes of the profile goes out, with our id, for the base endorsement only", async () => {
  const person = await usher.createPerson({ phone_number: "+2348031234567", country: "NG" });
  const profile = {
    address: "2 Grace Close",
    city: "Ikosi Ketu",
    region: "LA",
    postalCode: "105102",
    id_type: "passport",
    id_number: "A01234567",
  };
  await usher.send("PUT", `/users/${person.userId}`, { token: person.token, body: profile });
  opened(await start(person, { email: person.email.toUpperCase(), first_name: " Adaeze " }));
  const [customer, ...others] = await customersOf(person);
  assert.deepEqual(others, []);
  assert.deepEqual(customer?.given, {
    type: "individual",
    first_name: "Adaeze",
    last_name: "Okafor",
    email: person.email,
    phone: "+2348031234567",
    birth_date: "1990-05-17",
    residential_address: {
      street_line_1: "2 Grace Close",
      city: "Ikosi Ketu",
      subdivision: "LA",
      postal_code: "105102",
      country: "NGA",
    },
    endorsements: ["base"],
    client_reference_id: person.userId,
  });
});

test("an address that Bridge would refuse is left to the person, and keeps nobody out", async () => {
  for (const address of ["P.O. Box 12", "x", "Post Office Box 9"]) {
    const person = await usher.createPerson({ country: "NG" });
    await usher.send("PUT", `/users/${person.userId}`, { token: person.token, body: { address, city: "Lagos" } });
    opened(await start(person));
    assert.equal((await customersOf(person))[0]?.given.residential_address, undefined, address);
  }
});

test("a repeat gives the same customer: to the person and to an operator, whatever became of them", async () => {
  const person = await usher.createPerson();
  const first = opened(await start(person));
  const { token } = await usher.logIn(operator);
  for (const status of ["not_started", "under_review", "rejected", "active", "paused"]) {
    await usher.playBridge(first.bridge_customer_id, status);
    const again = await usher.send("POST", `/users/${person.userId}/bridge-kyc`, {
      token,
      body: { email: person.email },
    });
    assert.equal(opened(again).bridge_customer_id, first.bridge_customer_id, status);
  }
  assert.equal((await customersOf(person)).length, 1);
  assert.equal((await sessionsOf(person)).length, 1);
});

test("64 parallel requests make one customer, and all get it", async () => {
  const person = await usher.createPerson();
  const answers = await Promise.all(Array.from({ length: 64 }, () => start(person)));
  assert.deepEqual(tally(answers), { 200: 64 });
  assert.equal(new Set(answers.map((answer) => opened(answer).bridge_customer_id)).size, 1);
  assert.equal((await customersOf(person)).length, 1);
});

test("64 parallel requests at two processes make one customer; who comes too early is told to come back", async () => {
  const second = await startSecond(usher);
  try {
    const person = await usher.createPerson();
    const asked = Array.from({ length: 64 }, (_, index) =>
      start(person, undefined, index % 2 ? second.send : usher.send),
    );
    const answers = await Promise.all(asked);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assertProblem(answer, { status: 409, code: "verification-starting" });
      assert.ok(answer.headers.get("retry-after"));
    }
    const ids = answers.filter(({ status }) => status === 200).map((answer) => opened(answer).bridge_customer_id);
    ids.push(opened(await start(person, undefined, second.send)).bridge_customer_id);
    assert.equal(new Set(ids).size, 1);
    assert.equal((await customersOf(person)).length, 1);
  } finally {
    await second.stop();
  }
});

test("while Bridge is down a start is refused honestly, nothing is half done, and later it works", async () => {
  const person = await usher.createPerson();
  await weather({ preset: "outage" });
  const refused = await start(person);
  assertProblem(refused, { status: 503, code: "verification-provider-unavailable" });
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.deepEqual(await sessionsOf(person), []);
  assert.equal((await userOf(person)).bridge_customer_id, null);
  const { rows } = await sql<{
    body_sealed: string;
  }>`select * from kyc_introductions where user_id = ${person.userId}`.execute(usher.db);
  assert.equal(rows.length, 1, "the key is stored before the call");
  const dump = JSON.stringify(
    (await dumpDatabase(usher.ownerUrl)).filter(({ table }) => table.includes("introductions")),
  );
  assert.ok(!dump.includes(person.email), "and what goes with it is sealed");
  await weather({ preset: "clear" });
  opened(await start(person));
  assert.equal((await customersOf(person)).length, 1);
  const left = await sql`select from kyc_introductions where user_id = ${person.userId}`.execute(usher.db);
  assert.equal(left.rows.length, 0, "once stored, it has done its work");
});

test("an answer that gets lost makes no second customer: the repeat comes with the same key and bytes", async () => {
  const person = await usher.createPerson();
  await weather({ dropReply: 1 });
  assertProblem(await start(person, { email: person.email, first_name: "Ada" }), { status: 503 });
  const [made] = await customersOf(person);
  assert.ok(made, "Bridge carried it out");
  await weather({ preset: "clear" });
  usher.clock.advanceSeconds(60);
  // Another name would be another body: the one that was sent first is sent again.
  const again = opened(await start(person, { email: person.email, first_name: "Adaeze" }));
  assert.equal(again.bridge_customer_id, made.id);
  assert.equal((await customersOf(person)).length, 1);
});

test("a process that died after the call is followed by one that gets the same customer", async () => {
  const person = await usher.createPerson();
  await weather({ dropReply: 1 });
  await start(person);
  await weather({ preset: "clear" });
  const left = sql`insert into kyc_sessions (session_id, user_id, provider, purpose, state, requested_by, original_request, created_at, updated_at)
    values (gen_random_uuid(), ${person.userId}, 'bridge', 'required', 'reserved', 'user x', '{}', ${usher.clock.now()}, ${usher.clock.now()})`;
  await left.execute(usher.db);
  assertProblem(await start(person), { status: 409, code: "verification-starting" });
  usher.clock.advanceSeconds(61);
  const [made] = await customersOf(person);
  assert.equal(opened(await start(person)).bridge_customer_id, made?.id);
  assert.equal((await customersOf(person)).length, 1);
});

test("after a day the key counts no more: the customer is looked up, and only where there is none made anew", async () => {
  const [lost, never] = [await usher.createPerson(), await usher.createPerson()];
  await weather({ dropReply: 1 });
  await start(lost);
  await weather({ preset: "outage" });
  await start(never);
  await weather({ preset: "clear" });
  usher.clock.advanceSeconds(25 * 3600);
  const [made] = await customersOf(lost);
  for (const person of [lost, never]) Object.assign(person, await usher.logIn(person.email));
  assert.equal(opened(await start(lost)).bridge_customer_id, made?.id);
  assert.equal((await customersOf(lost)).length, 1);
  opened(await start(never));
  assert.equal((await customersOf(never)).length, 1);
});

test("both shapes of a terms link are taken, and where the customer has no links of their own, KYC links by e-mail", async () => {
  for (const tosShape of ["a", "b"]) {
    await settings({ customerLinks: false, tosShape });
    const person = await usher.createPerson();
    const { bridge_customer_id: customerId, tos_link: tosLink } = opened(await start(person));
    assert.match(tosLink, /accept-terms-of-service\?session_token=.*&redirect_uri=/);
    const sessions = await usher.send("GET", "/ekyc/me/sessions", { token: person.token });
    const [session] = Object.values(sessions.body.sessions as Record<string, { id: string; url: string }>);
    assert.equal(session?.id, customerId);
    const headers = { "api-key": usher.sandbox.bridge.apiKey };
    const links = await bridge("GET", `/v0/kyc_links?email=${encodeURIComponent(person.email)}`, { headers });
    assert.equal(links.body.data[0].kyc_link, session?.url);
    await acceptByLink(links.body.data[0].tos_link);
    const gate = await usher.send("GET", `/User/${person.id}/status`, { token: person.token });
    assert.equal(gate.body.status, 150, "an event that names the link only is matched by it");
  }
});

const acceptByLink = async (link: string) => {
  const { origin, pathname, searchParams } = new URL(link);
  await fetch(`${origin}${pathname}`, { method: "POST", body: searchParams, redirect: "manual" });
};

test("events of a link that came before its customer was known are applied once the two are seen together", async () => {
  const person = await usher.createPerson();
  const { bridge_customer_id: customerId } = opened(await start(person));
  const made = await bridge("POST", "/v0/kyc_links", {
    headers: { "api-key": usher.sandbox.bridge.apiKey, "idempotency-key": person.userId },
    body: { full_name: "Ada Okafor", email: person.email, type: "individual" },
  });
  await acceptByLink(made.body.tos_link);
  const outcomes = async () => {
    const { rows } = await sql<{ outcome: string }>`select outcome from webhook_deliveries
      where provider_session_id = ${made.body.id} or session_id in (select session_id from kyc_sessions where user_id = ${person.userId})`.execute(
      usher.db,
    );
    return rows.map(({ outcome }) => outcome);
  };
  assert.equal((await outcomes()).filter((outcome) => outcome === "unmatched").length, 2);
  await fetch(made.body.kyc_link);
  assert.equal((await outcomes()).filter((outcome) => outcome === "unmatched").length, 0);
  const played = await usher.playBridge(customerId, "active", { as: "kyc_link", without_customer_id: true });
  assert.deepEqual(played.body.delivered, [{ kind: "kyc_link.updated.status_transitioned", status: 200 }]);
  assert.equal((await userOf(person)).status, "active");
});

test("an event with a stale or false signature has no effect; the copy that is signed anew counts", async () => {
  const person = await usher.createPerson();
  const { bridge_customer_id: customerId } = opened(await start(person));
  const play = async (body: Record<string, unknown>) =>
    (await usher.playBridge(customerId, "active", body)).body.delivered[0].status;
  assert.equal(await play({ bad_signature: true }), 401);
  assert.equal(await play({ signed_seconds_ago: 601 }), 400);
  assert.equal(await play({ signed_seconds_ago: -61 }), 400);
  assert.notEqual((await userOf(person)).status, "active");
  await usher.playBridge(customerId, "resend");
  assert.equal((await userOf(person)).status, "active");
});

test("a body of one provider on the other's path is told where it belongs", async () => {
  const decision = JSON.stringify({ status: "success", verification: { id: "s-1", status: "approved" } });
  const event = JSON.stringify({ event_type: "customer.updated", event_object: { id: "cust_1", status: "active" } });
  const signed = (body: string) => signedHeaders(usher.sandbox.veriff, body);
  const stray: [path: string, raw: string, headers: Record<string, string>, about: RegExp][] = [
    ["/users/webhook/kyc", decision, signed(decision), /veriff.*POST \/users\/webhook-kyc/],
    ["/users/webhook/kyc", decision, {}, /veriff.*POST \/users\/webhook-kyc/],
    ["/users/webhook-kyc", event, { "x-webhook-signature": "t=1,v0=AA==" }, /bridge.*POST \/users\/webhook\/kyc/],
    ["/users/webhook-kyc", event, {}, /bridge.*POST \/users\/webhook\/kyc/],
    ["/users/webhook-kyc", event, signed(event), /bridge.*POST \/users\/webhook\/kyc/],
  ];
  for (const [path, raw, headers, about] of stray) {
    const answer = await usher.send("POST", path, { raw, headers });
    const holds = path === "/users/webhook-kyc" && "x-hmac-signature" in headers;
    const expected = holds
      ? { status: 400, code: "webhook-of-another-provider" }
      : { status: 401, code: "webhook-signature-invalid" };
    assertProblem(answer, expected, path);
    assert.match(answer.body.detail, about);
  }
});

test("what is asked for wrongly is refused by the field's name, and nothing goes out", async () => {
  const person = await usher.createPerson();
  const { email } = person;
  const wrong: [body: unknown, field: string][] = [
    [{}, "email"],
    [{ email: "somebody@else.example" }, "email"],
    [{ email: `${email}.` }, "email"],
    [{ email: 7 }, "email"],
    [{ email: null }, "email"],
    [{ email, first_name: "" }, "first_name"],
    [{ email, first_name: "  " }, "first_name"],
    [{ email, first_name: "A" }, "first_name"],
    [{ email, first_name: "A\u0000da" }, "first_name"],
    [{ email, last_name: "x".repeat(101) }, "last_name"],
    [{ email, last_name: ["Okafor"] }, "last_name"],
    [{ email, customer_type: "business" }, "customer_type"],
    [{ email, customer_type: "Individual" }, "customer_type"],
    [{ email, signed_agreement_id: "x" }, "signed_agreement_id"],
    [{ email, bridge_customer_id: "cust_1" }, "bridge_customer_id"],
  ];
  for (const [body, field] of wrong)
    assertProblem(await start(person, body as Record<string, unknown>), { status: 400, field }, JSON.stringify(body));
  assert.deepEqual(await customersOf(person), []);
  assert.deepEqual(await sessionsOf(person), []);
});

test("who is under 18, or not yet confirmed, or refused, gets no customer", async () => {
  const young = await usher.createPerson({ date_of_birth: "2015-01-01" });
  assertProblem(await start(young), { status: 400, field: "date_of_birth" });
  const { token } = await usher.logIn(operator);
  const pending = await usher.register();
  const early = await usher.send("POST", `/users/${pending.userId}/bridge-kyc`, {
    token,
    body: { email: pending.email },
  });
  assertProblem(early, { status: 409, code: "verification-not-allowed" });
  const blocked = await usher.createPerson();
  await usher.send("PUT", `/users/${blocked.userId}/status`, { token, body: { status: "blocked", reason: "Risk" } });
  const late = await usher.send("POST", `/users/${blocked.userId}/bridge-kyc`, {
    token,
    body: { email: blocked.email },
  });
  assertProblem(late, { status: 409, code: "verification-not-allowed" });
});

test("an erased person's introduction is forgotten, and what Bridge says later of them has no effect", async () => {
  const [begun, customer] = [await usher.createPerson(), await usher.createPerson()];
  const { bridge_customer_id: customerId } = opened(await start(customer));
  await weather({ preset: "outage" });
  await start(begun);
  await weather({ preset: "clear" });
  for (const person of [begun, customer]) {
    const erased = await usher.send("DELETE", `/users/${person.userId}`, { token: person.token });
    assert.equal(erased.status, 200, erased.text);
  }
  const { rows } = await sql`select from kyc_introductions where user_id = ${begun.userId}`.execute(usher.db);
  assert.equal(rows.length, 0);
  const played = await usher.playBridge(customerId, "active");
  assert.equal(played.body.delivered[0].status, 200);
  const { token } = await usher.logIn(operator);
  const again = await usher.send("POST", `/users/${customer.userId}/bridge-kyc`, {
    token,
    body: { email: customer.email },
  });
  assert.ok(again.status === 400 || again.status === 404 || again.status === 409, again.text);
});

test("after all this every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
