import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { sign, signedHeaders } from "../src/sandbox/veriff/signature.ts";
import { openWayTo, type Way } from "./cut-off-database.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { createVerifying, tally } from "./people.ts";
import { assertProblem } from "./problem.ts";
import { decisionBody, deliver, eventBody } from "./veriff-webhooks.ts";

let database: TestDatabase;
let way: Way;
let usher: TestUsher;
let admin: string;

before(async () => {
  database = await createTestDatabase();
  way = await openWayTo(database.url);
  usher = await startUsher({}, { database: { ...database, url: way.url } });
  admin = await usher.logInAdmin();
});
after(async () => {
  await usher?.stop();
  await way?.close();
  await database?.drop();
});

const hand = (body: string) => deliver(usher.send, usher.sandbox.veriff, body);
const inbox = async (query = "") => {
  const { body } = await usher.send("GET", `/webhooks/inbox?limit=100${query}`, { token: admin });
  return body.deliveries as { delivery_id: string; outcome: string; user_id: string | null }[];
};
const at = (n: number) => `2026-03-02T10:20:31.${String(n).padStart(6, "0")}Z`;

test("a decision reaches the person's mailbox in plain words, and the timeline in the provider's beside ours", async () => {
  const [person] = await createVerifying(usher, 1);
  assert.ok(person);
  assert.equal((await hand(eventBody(person, "submitted"))).status, 200);
  assert.equal((await hand(decisionBody(person, "declined", at(1)))).status, 200);
  await usher.jobs.drain();
  const [mail] = usher.sandbox.mailbox.list({ to: person.email });
  assert.equal(mail?.subject, "Your verification was not successful");
  assert.match(mail?.text ?? "", /could not be accepted as genuine/);
  const read = async (token: string) => {
    const { body } = await usher.send("GET", `/users/${person.userId}/timeline`, { token });
    return body.entries.find(({ action }: { action: string }) => action === "kyc.decision-applied");
  };
  const full = await read(admin);
  assert.deepEqual(
    [full.actor.id, full.changes.provider_status.after, full.changes.reason_code.after, full.reason],
    ["veriff", "declined", "102", "Suspected document tampering"],
  );
  const own = await read(person.token);
  assert.deepEqual(
    [own.actor, own.changes.provider_status.after, own.changes.reason_code, own.changes.delivery_id, own.reason],
    [undefined, "declined", undefined, undefined, null],
  );
});

test("an operator inspects, replays and attaches through the API; a replay of everything changes nothing", async () => {
  const [person] = await createVerifying(usher, 1);
  assert.ok(person);
  const stray = { sessionId: randomUUID(), userId: "legacy-1" };
  await hand(decisionBody(stray, "approved", at(1)));
  const [unmatched] = await inbox("&outcome=unmatched");
  assert.ok(unmatched);
  const path = `/webhooks/inbox/${unmatched.delivery_id}`;
  const shown = await usher.send("GET", path, { token: admin });
  assert.equal(shown.body.body.verification.status, "approved");
  assert.equal(shown.body.body.verification.person.firstName, "***");
  assert.doesNotMatch(shown.text, /ADA|OKAFOR|1990-05-17|203\.0\.113/);
  const waiting = await usher.send("POST", `${path}/replay`, { token: admin });
  assert.deepEqual([waiting.status, waiting.body.changed], [200, false]);
  const body = { user_id: person.userId, reason: "The person sent us the session's number." };
  const attached = await usher.send("POST", `${path}/attach`, { token: admin, body });
  assert.deepEqual(
    [attached.status, attached.body.user.status, attached.body.delivery.outcome],
    [200, "active", "applied"],
  );
  assertProblem(await usher.send("POST", `${path}/attach`, { token: admin, body }), {
    status: 409,
    code: "delivery-not-attachable",
  });
  const before = await inbox();
  for (const { delivery_id } of before) {
    const replayed = await usher.send("POST", `/webhooks/inbox/${delivery_id}/replay`, { token: admin, body: {} });
    assert.deepEqual([replayed.status, replayed.body.changed], [200, false], replayed.text);
  }
  assert.deepEqual(await inbox(), before);
});

test("hostile bodies, signed and not, are answered without a 5xx", async () => {
  const { veriff } = usher.sandbox;
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const bodies = [
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    Buffer.from("["),
    Buffer.from("[".repeat(100_000)),
    Buffer.from(deep),
    Buffer.from(`{"status":"success","verification":${deep}}`),
    Buffer.from('{"__proto__":{"status":"success"},"verification":{"id":"x","status":"approved"}}'),
    Buffer.from(`{"status":"success","verification":{"id":"${"x".repeat(100_000)}","status":"approved"}}`),
    Buffer.from('{"status":"success","verification":{"id":"a\\u0000b","status":"approved"}}'),
    Buffer.from('{"id":"\\ud800","action":"started"}'),
    Buffer.alloc(300_000, "x"),
  ];
  for (const body of bodies) {
    const headers = { "x-auth-client": veriff.apiKey, "x-hmac-signature": sign(veriff.sharedSecret, body) };
    const signed = await usher.send("POST", "/users/webhook-kyc", { raw: body, headers });
    assert.equal(signed.status, body.length > 262_144 ? 413 : 200, signed.text);
    const forged = await usher.send("POST", "/users/webhook-kyc", { raw: body, headers: { "x-hmac-signature": "00" } });
    assert.equal(forged.status, body.length > 262_144 ? 413 : 401, forged.text);
  }
  for (const { delivery_id } of (await inbox()).slice(0, 20)) {
    assert.equal((await usher.send("GET", `/webhooks/inbox/${delivery_id}`, { token: admin })).status, 200);
  }
});

test("while the database is away a webhook is answered 503 with a time to come back, and counts when it is sent again", async () => {
  const people = await createVerifying(usher, 8);
  const bodies = people.map((person) => decisionBody(person, "approved", at(1)));
  const underWay = bodies.slice(0, 4).map(hand);
  way.cut();
  const answers = [...(await Promise.all(underWay)), ...(await Promise.all(bodies.map(hand)))];
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    assertProblem(answer, { status: 503, code: "unavailable" });
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  }
  assert.ok((tally(answers)["503 unavailable"] ?? 0) >= 8, JSON.stringify(tally(answers)));
  way.mend();
  const again = await Promise.all(bodies.map(hand));
  assert.deepEqual(tally(again), { "200": 8 });
  for (const { id, token } of people) {
    assert.equal((await usher.send("GET", `/User/${id}/status`, { token })).body.status, 200);
  }
});

test("a webhook that is signed for another integration, or not at all, is kept for operators and has no effect", async () => {
  const [person] = await createVerifying(usher, 1);
  assert.ok(person);
  const raw = decisionBody(person, "approved", at(1));
  const headers = { ...signedHeaders(usher.sandbox.veriff, raw), "x-auth-client": randomUUID() };
  for (const more of [headers, {}]) {
    const answer = await usher.send("POST", "/users/webhook-kyc", { raw, headers: more });
    assertProblem(answer, { status: 401, code: "webhook-signature-invalid" });
  }
  const [newest] = await inbox("&outcome=refused");
  assert.deepEqual([newest?.outcome, newest?.user_id], ["refused", null]);
});

test("the invariants hold", async () => {
  await assertInvariants({ db: database.db, dataDir: usher.dataDir, canaries: ["A01234567"] });
});
