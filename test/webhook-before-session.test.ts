import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type Answer, type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { createPeople, tally } from "./people.ts";
import { type About, decisionBody, deliver, eventBody } from "./veriff-webhooks.ts";

/** A Veriff that tells of a session before, or while, it answers the request that opened it. */
let veriff: Server;
const keys = { apiKey: randomUUID(), sharedSecret: randomUUID() };
let usher: TestUsher;
let people: Person[];
let beforeAnswering: (about: About) => Promise<unknown>;

before(async () => {
  veriff = createServer(async (request, response) => {
    const { verification } = (await json(request)) as { verification: { vendorData: string } };
    const about = { sessionId: randomUUID(), userId: verification.vendorData };
    await beforeAnswering(about);
    const session = { id: about.sessionId, url: "http://127.0.0.1/page", sessionToken: "token", status: "created" };
    response.setHeader("content-type", "application/json").writeHead(201);
    response.end(JSON.stringify({ status: "success", verification: session }));
  }).listen(0, "127.0.0.1");
  await once(veriff, "listening");
  usher = await startUsher({
    VERIFF_BASE_URL: `http://127.0.0.1:${(veriff.address() as AddressInfo).port}`,
    VERIFF_API_KEY: keys.apiKey,
    VERIFF_SHARED_SECRET: keys.sharedSecret,
  });
  people = await createPeople(usher, 16);
});
after(async () => {
  await usher?.stop();
  veriff?.close();
});

const told = (about: About) => [
  eventBody(about, "started"),
  eventBody(about, "submitted"),
  decisionBody(about, "approved", "2026-03-02T10:20:31.512345Z"),
];
const hand = (body: string) => deliver(usher.send, keys, body);
const open = ({ token }: Person) => usher.send("POST", "/ekyc/me/sessions", { token, body: {} });
const statusesOf = async (some: Person[]) => {
  const ids = some.map(({ userId }) => userId);
  const { rows } = await sql<{ status: string }>`select status from users where user_id = any(${ids}::uuid[])`.execute(
    usher.db,
  );
  return rows.map(({ status }) => status);
};

test("webhooks that are quicker than the answer about their session are kept, and count once it is known", async () => {
  const answers: Answer[] = [];
  beforeAnswering = async (about) => {
    for (const body of [...told(about), ...told(about)]) answers.push(await hand(body));
  };
  const person = people.pop() as Person;
  const opened = await open(person);
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.user]),
    Array(6).fill([200, null]),
  );
  assert.deepEqual([opened.status, opened.body.status], [200, "success"]);
  assert.deepEqual(await statusesOf([person]), ["active"]);
});

test("webhooks at the very moment in which their session is stored are never missed", async () => {
  const underWay: Promise<Answer>[] = [];
  beforeAnswering = async (about) => {
    underWay.push(...told(about).map(hand));
  };
  const opened = await Promise.all(people.map(open));
  assert.deepEqual(tally([...opened, ...(await Promise.all(underWay))]), { 200: 4 * people.length });
  assert.deepEqual(new Set(await statusesOf(people)), new Set(["active"]));
  assert.equal(
    (await sql`select from webhook_deliveries where outcome = 'unmatched'`.execute(usher.db)).rows.length,
    0,
  );
});

test("a webhook of a session that nobody opened is kept without effect", async () => {
  const nobody = { sessionId: randomUUID(), userId: randomUUID() };
  const answers = await Promise.all([...told(nobody), ...told(nobody)].map(hand));
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.user]),
    Array(6).fill([200, null]),
  );
  const { rows } =
    await sql`select outcome, repeats from webhook_deliveries where provider_session_id = ${nobody.sessionId}`.execute(
      usher.db,
    );
  assert.deepEqual(rows, Array(3).fill({ outcome: "unmatched", repeats: 1 }));
});

test("after these webhooks every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
