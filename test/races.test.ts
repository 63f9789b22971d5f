import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { password } from "./harness.ts";
import { tally, together } from "./people.ts";
import { contenders, makeRaceGround, type RaceGround } from "./race-ground.ts";

let ground: RaceGround;
before(async () => {
  ground = await makeRaceGround(20);
});
after(() => ground?.usher.stop());

test("of 64 registrations of one e-mail address, one makes the user and the others are told", async () => {
  const { send, ask, usher } = ground;
  const spellings = ["raced@example.com", "Raced@Example.com", " RACED@example.com "];
  const rest = { fname: "Ada", lname: "Okafor", password };
  const tries = await together(contenders, (index) =>
    send("POST", "/users/register", { body: { email: spellings[index % 3], ...rest } }),
  );
  assert.deepEqual(tally(tries), { 201: 1, "409 email-already-exists": contenders - 1 });
  assert.equal(
    await ask(sql<{ value: number }>`select count(*)::int as value from users where email = 'raced@example.com'`),
    1,
  );
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: "raced@example.com" }).length, 1);
});

test("64 registrations with one Idempotency-Key are one, and all get its answer", async () => {
  const { send, usher } = ground;
  const body = { email: "idempotent@example.com", fname: "Ada", lname: "Okafor", password };
  const headers = { "idempotency-key": randomUUID() };
  const tries = await together(contenders, () => send("POST", "/users/register", { body, headers }));
  assert.deepEqual(tally(tries), { 201: contenders });
  assert.equal(new Set(tries.map(({ text }) => text)).size, 1);
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: body.email }).length, 1);
});

test("of 64 who enter one confirmation code, one is told that it counts", async () => {
  const { send, usher } = ground;
  const { email } = await usher.register();
  const body = { email, confirmation_code: await usher.newestCode(email) };
  const tries = await together(contenders, () => send("POST", "/users/confirm", { body }));
  assert.deepEqual(tally(tries), { 200: 1, "400 invalid-confirmation-code": contenders - 1 });
});

test("64 wrong codes at once leave no try for the right one", async () => {
  const { send, usher } = ground;
  const { email } = await usher.register();
  const right = await usher.newestCode(email);
  const enter = (confirmation_code: string) => send("POST", "/users/confirm", { body: { email, confirmation_code } });
  const wrong = right === "000000" ? "000001" : "000000";
  const tries = await together(contenders, () => enter(wrong));
  assert.deepEqual(tally([...tries, await enter(right)]), { "400 invalid-confirmation-code": contenders + 1 });
});

test("of 64 resets with one code, one sets the password", async () => {
  const { send, usher, person } = ground;
  const { email } = person();
  await send("POST", "/auth/forgot-password", { body: { email } });
  const confirmation_code = await usher.newestCode(email);
  const passwordOf = (index: number) => `a password of contender ${index}`;
  const tries = await together(contenders, (index) =>
    send("POST", "/auth/reset-password", { body: { email, confirmation_code, new_password: passwordOf(index) } }),
  );
  assert.deepEqual(tally(tries), { 200: 1, "400 invalid-confirmation-code": contenders - 1 });
  const winner = tries.findIndex(({ status }) => status === 200);
  assert.equal((await send("POST", "/auth/login", { body: { email, password: passwordOf(winner) } })).status, 200);
});

test("of 64 who use one log-in link, one gets in", async () => {
  const { send, usher } = ground;
  const token = usher.adminLink.split("#")[1];
  const tries = await together(contenders, () => send("POST", "/auth/login-link", { body: { token } }));
  assert.deepEqual(tally(tries), { 200: 1, "401 invalid-login-link": contenders - 1 });
});

test("64 log-ins of 16 people at once all succeed, each with tokens of its own", async () => {
  const { send, people } = ground;
  const several = people.slice(0, 16);
  const tries = await together(contenders, (index) =>
    send("POST", "/auth/login", { body: { email: several[index % 16]?.email, password } }),
  );
  assert.deepEqual(tally(tries), { 200: contenders });
  assert.equal(new Set(tries.map(({ body }) => body.refreshToken)).size, contenders);
  const readers = await Promise.all(tries.map(({ body }) => send("GET", "/auth/me", { token: body.accessToken })));
  assert.deepEqual(tally(readers), { 200: contenders });
});

test("64 wrong passwords at once get no more than five guesses, and the owner gets in soon after", async () => {
  const { send, usher, person } = ground;
  const { email } = person();
  const guess = (guessed: string) => send("POST", "/auth/login", { body: { email, password: guessed } });
  const tries = await together(contenders, (index) => guess(`wrong guess ${index}`));
  assert.deepEqual(tally(tries), { "401 invalid-credentials": 5, "429 too-many-requests": contenders - 5 });
  usher.clock.advanceSeconds(31);
  assert.equal((await guess(password)).status, 200);
});

test("of 64 uses of one refresh token one gets tokens, and then the whole log-in is ended", async () => {
  const { send, person } = ground;
  const { token, refreshToken } = person();
  const refresh = (given: string) => send("POST", "/auth/refresh", { body: { refreshToken: given } });
  const tries = await together(contenders, () => refresh(refreshToken));
  assert.deepEqual(tally(tries), { 200: 1, "401 invalid-refresh-token": contenders - 1 });
  const won = tries.find(({ status }) => status === 200)?.body;
  const afterwards = [
    await refresh(won.refreshToken),
    await send("GET", "/auth/me", { token: won.accessToken }),
    await send("GET", "/auth/me", { token }),
  ];
  assert.deepEqual(tally(afterwards), { "401 invalid-refresh-token": 1, "401 unauthenticated": 2 });
});

test("64 starts of one person's verification give one session, at the provider too", async () => {
  const { send, usher, person, ask } = ground;
  const { token, userId } = person();
  const tries = await together(contenders, () => send("POST", "/ekyc/me/sessions", { token, body: {} }));
  assert.deepEqual(tally(tries), { 200: contenders });
  assert.equal(new Set(tries.map(({ body }) => body.id)).size, 1);
  assert.equal(
    await ask(sql<{ value: number }>`select count(*)::int as value from kyc_sessions where user_id = ${userId}`),
    1,
  );
  const atProvider = await fetch(`${usher.sandbox.veriff.url}/sandbox/sessions?vendorData=${userId}`);
  assert.equal(((await atProvider.json()) as { sessions: unknown[] }).sessions.length, 1);
});

test("of 64 changes with one ETag, one is made", async () => {
  const { send, person } = ground;
  const { token, userId } = person();
  const etag = (await send("GET", `/users/${userId}`, { token })).headers.get("etag") ?? "";
  const headers = { "if-match": etag };
  const tries = await together(contenders, (index) =>
    send("PUT", `/users/${userId}`, { token, headers, body: { city: `City ${index}` } }),
  );
  assert.deepEqual(tally(tries), { 200: 1, "412 precondition-failed": contenders - 1 });
});

test("after all these races no server failed and every invariant holds", () => ground.assertWhole());
