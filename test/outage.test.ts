import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createCrowd, forEachOf } from "./crowd.ts";
import { getServiceToken, password, sender, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";
import { findBadSessions } from "./session-oracle.ts";

const people = 1000;
let usher: TestUsher;
let service: string;
let account: { client_id: string; client_secret: string };
const admin = "operator@example.com";
before(async () => {
  usher = await startUsher({ BOOTSTRAP_ADMIN_EMAIL: admin, BOOTSTRAP_ADMIN_PASSWORD: password });
  const body = { name: "Shop", permissions: ["ekyc.session.create", "users.status.get"] };
  account = (await usher.send("POST", "/service-accounts", { token: await operatorToken(), body })).body;
  service = await serviceToken();
});
after(() => usher.stop());

/** Tokens end while the clock moves on. */
const operatorToken = async () => (await usher.logIn(admin)).token;
const serviceToken = async () => (await getServiceToken(usher.send, account)).body.access_token;
const setWeather = async (body: Record<string, unknown>) => {
  const answer = await sender(usher.sandbox.veriff.url)("PUT", "/sandbox/weather", { body });
  assert.equal(answer.status, 200, answer.text);
};
const start = (userId: string) => usher.send("POST", `/ekyc/admin/${userId}/sessions`, { token: service });
const providers = async () => {
  const { status, body, text } = await usher.send("GET", "/system/providers", { token: await operatorToken() });
  assert.equal(status, 200, text);
  const [veriff] = body.providers as {
    breaker: { state: string };
    open_sessions: number;
    silent_sessions: number;
    reconciliation: { drifts: number };
  }[];
  assert.ok(veriff);
  return veriff;
};

/** What people do while nobody can tell us, and where that must bring them. */
const fates = [
  { action: "approve", status: "active", state: "success" },
  { action: "decline", status: "rejected", state: "rejected" },
  { action: "approve", later: "decline", status: "rejected", state: "rejected" },
  { action: "resubmit", status: "pending_verification", state: "started" },
  { action: "review", later: "approve", status: "active", state: "success" },
  { action: "review", status: "pending_verification", state: "submitted" },
  { action: "abandon", status: "not_verified", state: "expired" },
  { action: undefined, status: "not_verified", state: "created" },
] as const;
const fateOf = (index: number) => fates[index % fates.length] as (typeof fates)[number];

test("what Bridge said while its webhooks were lost is fetched: blocked, with the reason on the timeline", async () => {
  const weather = sender(usher.sandbox.bridge.url);
  const person = await usher.createPerson();
  const body = { email: person.email };
  const begun = await usher.send("POST", `/users/${person.userId}/bridge-kyc`, { token: person.token, body });
  assert.equal(begun.status, 200, begun.text);
  const customerId = begun.body.data.bridge_customer_id;
  await usher.playBridge(customerId, "scenario", { name: "Approve" });
  const gate = async () => {
    const { text, body: answer } = await usher.send("GET", `/User/${person.id}/status`, {
      token: await serviceToken(),
    });
    return answer?.status ?? text;
  };
  assert.equal(await gate(), 200);
  await weather("PUT", "/sandbox/weather", { body: { preset: "outage" } });
  usher.clock.advanceSeconds(60);
  await usher.playBridge(customerId, "offboarded");
  await weather("PUT", "/sandbox/weather", { body: { preset: "clear" } });
  assert.equal(await gate(), 200, "nobody told us");
  usher.clock.advanceSeconds(24 * 3600);
  await usher.reconcile();
  assert.equal(await gate(), 400);
  const path = `/users/${person.userId}/timeline?limit=20`;
  const timeline = await usher.send("GET", path, { token: await operatorToken() });
  const actions = timeline.body.entries.map(({ action }: { action: string }) => action);
  assert.ok(actions.includes("kyc.decision-reconciled"), actions.join(" "));
  const count = async () => (await usher.send("GET", path, { token: await operatorToken() })).body.entries.length;
  const before_ = await count();
  usher.clock.advanceSeconds(24 * 3600);
  await usher.reconcile();
  assert.equal(await count(), before_, "the same word again has no effect");
});

test("in the sandbox, a person whose first name is a scenario's needs nobody to play it", async () => {
  const person = await usher.createPerson({ fname: "Approve-then-decline" });
  const { status, text } = await usher.send("POST", "/ekyc/me/sessions", { token: person.token });
  assert.equal(status, 200, text);
  const own = async () => (await usher.send("GET", "/ekyc/me/status", { token: person.token })).body.verification;
  let seen = await own();
  for (let look = 0; look < 500 && seen?.status !== "rejected"; look += 1) seen = await own();
  assert.equal(seen?.status, "rejected");
});

test(`Veriff is down for an hour while ${people} people finish: after it returns every one of them is right`, async () => {
  service = await serviceToken();
  const crowd = await createCrowd(usher, people);
  const sessions = await forEachOf(crowd, 16, async ({ userId }) => {
    const { status, body, text } = await start(userId);
    assert.equal(status, 200, text);
    return body.id as string;
  });

  await setWeather({ outage: true });
  await forEachOf(sessions, 16, async (id, index) => {
    const fate = fateOf(index);
    if (fate.action) await usher.playVeriff(id, fate.action);
    if ("later" in fate) await usher.playVeriff(id, fate.later);
  });
  assert.equal((await providers()).open_sessions, people, "nothing of it has reached us");

  const [late] = await createCrowd(usher, 1);
  for (let minutes = 0; minutes < 60; minutes += 5) {
    usher.clock.advanceSeconds(300);
    service = await serviceToken();
    await usher.reconcile();
    // People go on asking; that is what opens the breaker long before any session is due.
    for (let call = 0; call < 3; call += 1) {
      const refused = await start(late?.userId ?? "");
      assertProblem(refused, { status: 503, code: "verification-provider-unavailable" });
      assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    }
    assert.equal((await usher.send("GET", "/readyz")).status, 200);
  }
  assert.equal((await providers()).breaker.state, "open");

  await setWeather({ outage: false });
  usher.clock.advanceSeconds(600);
  service = await serviceToken();
  await usher.reconcile();
  const after_ = await providers();
  assert.equal(after_.breaker.state, "closed");
  assert.equal(after_.reconciliation.drifts, sessions.filter((_, index) => fateOf(index).action).length);

  const { rows } = await sql<{ user_id: string; status: string; state: string }>`
    select user_id, users.status, state from users join kyc_sessions using (user_id) where provider = 'veriff'`.execute(
    usher.db,
  );
  const found = new Map(rows.map((row) => [row.user_id, row]));
  const wrong = crowd.filter(({ userId }, index) => {
    const [fate, row] = [fateOf(index), found.get(userId)];
    return row?.status !== fate.status || row.state !== fate.state;
  });
  assert.deepEqual(
    wrong.map(({ userId }) => found.get(userId)),
    [],
  );
  assert.deepEqual(await findBadSessions(usher.db), []);
  const [first] = crowd;
  const gate = await usher.send("GET", `/User/${first?.id}/status`, { token: service });
  assert.equal(gate.body.status, 200, gate.text);
  assert.equal((await start(late?.userId ?? "")).status, 200, "and who came during the outage may begin now");
});

test("an operator sees how providers fare, and a scraper, too", async () => {
  const { body } = await usher.send("GET", "/system/providers", { token: await operatorToken() });
  assert.deepEqual(
    body.providers.map(({ name, configured }: { name: string; configured: boolean }) => [name, configured])[0],
    ["veriff", true],
  );
  const { text } = await usher.send("GET", "/metrics");
  assert.match(text, /usher_provider_breaker_state\{provider="veriff"\} 0/);
  assert.match(text, /usher_reconciled_sessions\{provider="veriff",result="drifts"\} \d{3}/);
});
