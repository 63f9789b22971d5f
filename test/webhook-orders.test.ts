import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { sign, signedHeaders } from "../src/sandbox/veriff/signature.ts";
import { type Answer, type Send, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { createVerifying, tally, together, type Verifying } from "./people.ts";
import { startSecond } from "./second-process.ts";
import { type About, decisionBody, deliver, eventBody } from "./veriff-webhooks.ts";

let usher: TestUsher;
/** A second process beside the first: every other webhook goes to it. */
let second: { send: Send; stop(): Promise<void> };
let admin: string;
/** One person for each order of four webhooks. */
let people: Verifying[];

before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
  second = await startSecond(usher);
  people = await createVerifying(usher, orders.length);
});
after(async () => {
  await second?.stop();
  await usher?.stop();
});

let turn = false;

/** Each a moment later than the one before, so that the order of arrival shows wherever it counts. */
const hand = (body: string) => {
  usher.clock.advanceSeconds(0.001);
  turn = !turn;
  return deliver(turn ? usher.send : second.send, usher.sandbox.veriff, body);
};

/** What the provider tells of one session, in the order in which it happened. Microseconds apart: a Date would not tell. */
const story = (about: About, [first, last]: ["approved", "declined"] | ["declined", "approved"]) => [
  eventBody(about, "started"),
  eventBody(about, "submitted"),
  decisionBody(about, first, "2026-03-02T10:20:31.512345Z"),
  decisionBody(about, last, "2026-03-02T10:20:31.512346Z"),
];

/** All 24 orders of four things, by their places. */
const orders = permutations([0, 1, 2, 3]);

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

type Plan = (bodies: string[]) => string[][];

/** Plays a story to every person, to each in another order. `plan` says what is delivered at the same moment. */
async function playOrders(decisions: Parameters<typeof story>[1], plan: Plan): Promise<void> {
  const answers = await Promise.all(
    people.map(async (person, index) => {
      const told = story(person, decisions);
      const bodies = orders[index]?.map((place) => told[place] as string) ?? [];
      const given: Answer[] = [];
      for (const together of plan(bodies)) given.push(...(await Promise.all(together.map(hand))));
      return given;
    }),
  );
  assert.deepEqual(Object.keys(tally(answers.flat())), ["200"]);
}

const inTurn: Plan = (bodies) => bodies.map((body) => [body]);
const doubled: Plan = (bodies) => bodies.map((body) => [body, body]);
const twice: Plan = (bodies) => [...inTurn(bodies), ...inTurn(bodies)];
const atOnce: Plan = (bodies) => [[...bodies, ...bodies]];
const inTwoParts: Plan = (bodies) => [bodies.slice(0, 2), bodies.slice(1)];

/** Every person's state, and that of their present session. */
async function endsOf(): Promise<Record<string, number>> {
  const { rows } = await sql<{ ends: string }>`
    select u.status || ', session ' || s.state as ends from users u
    join kyc_sessions s on s.user_id = u.user_id and s.superseded_at is null
    where u.user_id = any(${people.map(({ userId }) => userId)}::uuid[])`.execute(usher.db);
  return Object.fromEntries(
    Object.entries(Object.groupBy(rows, ({ ends }) => ends)).map(([ends, all]) => [ends, all?.length ?? 0]),
  );
}

/** An operator lets everybody begin anew, and everybody does. */
async function beginAnew(): Promise<void> {
  people = await Promise.all(
    people.map(async (person) => {
      const body = { status: "not_verified", reason: "once more" };
      const reopened = await usher.send("PUT", `/users/${person.userId}/status`, { token: admin, body });
      assert.equal(reopened.status, 200, reopened.text);
      const opened = await usher.send("POST", "/ekyc/me/sessions", { token: person.token, body: { restart: true } });
      assert.equal(opened.status, 200, opened.text);
      return { ...person, sessionId: opened.body.id as string };
    }),
  );
}

test("every order of started, submitted, approved and declined later ends rejected", async () => {
  await playOrders(["approved", "declined"], inTurn);
  assert.deepEqual(await endsOf(), { "rejected, session rejected": orders.length });
});

const plans: Record<string, Plan> = {
  "each at once with its repeat": doubled,
  "all of it repeated afterwards": twice,
  "everything and its repeats at once": atOnce,
  "partly at once, partly again": inTwoParts,
};

for (const [how, plan] of Object.entries(plans)) {
  test(`every order ends rejected, ${how}`, async () => {
    await beginAnew();
    await playOrders(["approved", "declined"], plan);
    assert.deepEqual(await endsOf(), { "rejected, session rejected": orders.length });
  });
}

test("every order of started, submitted, declined and approved later ends active", async () => {
  await beginAnew();
  await playOrders(["declined", "approved"], inTwoParts);
  assert.deepEqual(await endsOf(), { "active, session success": orders.length });
});

test("every order of started, submitted and approved ends active", async () => {
  for (const order of permutations([0, 1, 2])) {
    const [person] = await createVerifying(usher, 1);
    assert.ok(person);
    const told = story(person, ["approved", "declined"]);
    for (const place of order) await hand(told[place] as string);
    assert.equal((await usher.send("GET", `/User/${person.id}/status`, { token: person.token })).body.status, 200);
  }
});

test("1,000 copies of one webhook at once are all taken, and count once", async () => {
  const [person] = await createVerifying(usher, 1);
  assert.ok(person);
  const body = decisionBody(person, "approved", "2026-03-02T10:20:31.512345Z");
  const answers = await together(1000, () => hand(body));
  assert.deepEqual(tally(answers), { 200: 1000 });
  assert.deepEqual(await effectsOf(body), { outcome: "applied", repeats: 999, observations: 1, entries: 1, moves: 1 });
});

const badSignatures: Record<string, (body: string) => { raw: string; headers: Record<string, string> }> = {
  "another key": (raw) => ({
    raw,
    headers: signedHeaders({ ...usher.sandbox.veriff, sharedSecret: "00000000-0000-4000-8000-000000000000" }, raw),
  }),
  "another body": (body) => ({
    raw: body.replace('"approved"', '"Approved"'),
    headers: signedHeaders(usher.sandbox.veriff, body),
  }),
  "a truncated body": (body) => ({ raw: body.slice(0, -2), headers: signedHeaders(usher.sandbox.veriff, body) }),
  "a truncated signature": (raw) => ({
    raw,
    headers: {
      ...signedHeaders(usher.sandbox.veriff, raw),
      "x-hmac-signature": sign(usher.sandbox.veriff.sharedSecret, raw).slice(0, 62),
    },
  }),
  "an empty signature": (raw) => ({ raw, headers: { "x-hmac-signature": "" } }),
  "no signature": (raw) => ({ raw, headers: {} }),
};

for (const [what, forge] of Object.entries(badSignatures)) {
  test(`a webhook with ${what} is refused, recorded and without effect`, async () => {
    const person = people[0] as Verifying;
    const { raw, headers } = forge(
      decisionBody(person, "approved", `2027-01-01T00:00:0${Object.keys(badSignatures).indexOf(what)}.000001Z`),
    );
    const before = await usher.send("GET", `/users/${person.userId}`, { token: person.token });
    const answer = await usher.send("POST", "/users/webhook-kyc", { raw, headers });
    assert.equal(`${answer.status} ${answer.body.errorCode}`, "401 webhook-signature-invalid");
    assert.deepEqual(await effectsOf(raw), { outcome: "refused", repeats: 0, observations: 0, entries: 0, moves: 0 });
    const afterwards = await usher.send("GET", `/users/${person.userId}`, { token: person.token });
    assert.equal(afterwards.headers.get("etag"), before.headers.get("etag"));
  });
}

test("after all these webhooks every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});

/** What one delivery has left behind; `moves` are entries of the lifecycle in the same request. */
async function effectsOf(body: string) {
  const { rows } = await sql`
    select outcome, repeats,
      (select count(*)::int from kyc_observations o where o.delivery_id = d.delivery_id) as observations,
      (select count(*)::int from journal_entries e where e.canonical::jsonb #>> '{changes,delivery_id,after}' = d.delivery_id::text) as entries,
      (select count(*)::int from journal_entries e where e.action like 'user.verification-%' and e.subject_id = d.user_id::text) as moves
    from webhook_deliveries d where content_hash = ${createHash("sha256").update(body).digest()}`.execute(usher.db);
  assert.equal(rows.length, 1);
  return rows[0];
}
