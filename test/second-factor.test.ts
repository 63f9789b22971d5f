import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { sql } from "kysely";
import { password, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { beginLogIn, codeOf, enrolApp, logInWithApp } from "./second-factor-people.ts";
import { askNonce, createWallet, enterWith, prove } from "./wallets.ts";

let usher: TestUsher;

before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

const complete = (body: object) => usher.send("POST", "/auth/login/second-factor", { body });
const errorOf = ({ status, body }: { status: number; body: { errorCode?: string } }) => `${status} ${body?.errorCode}`;

test("from an app's enrolment on, logging in asks for its code, and the flag is set with its time", async () => {
  const { send, clock, createPerson } = usher;
  const person = await createPerson();
  const path = `/users/${person.userId}/sca`;
  const begun = await send("POST", path, { token: person.token, body: { method: "totp" } });
  assert.equal(begun.status, 201, begun.text);
  const { secret, otpauth_uri, challenge, expiresIn } = begun.body;
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.equal(new URL(otpauth_uri).searchParams.get("secret"), secret);
  assert.equal(expiresIn, 600);
  assert.equal(begun.headers.get("cache-control"), "no-store");
  const gate = () => send("GET", `/User/${person.id}/status`, { token: person.token });
  assert.equal((await gate()).body.isScaVerified, false, "nothing counts before it is proven");

  const verified = await send("POST", `${path}/verify`, {
    token: person.token,
    body: { challenge, code: codeOf(secret, clock.now()) },
  });
  assert.equal(verified.status, 200, verified.text);
  assert.equal(verified.body.method, "totp");
  assert.equal(new Set(verified.body.recovery_codes).size, 10);
  assert.equal((await gate()).body.isScaVerified, true);
  const row = await sql<{ at: Date }>`
    select sca_verified_at as at from users where user_id = ${person.userId}`.execute(usher.db);
  assert.deepEqual(row.rows[0]?.at, clock.now());

  const demand = await beginLogIn(usher, person.email);
  assert.deepEqual(demand.methods, ["totp", "recovery-code"]);
  assert.equal(demand.expiresIn, 300);
  assert.equal(demand.accessToken, undefined);
  clock.advanceSeconds(30);
  const answer = await complete({ challenge: demand.challenge, code: codeOf(secret, clock.now()) });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(decodeJwt(answer.body.accessToken).amr, ["mfa", "otp"]);
  assert.equal((await send("GET", "/auth/me", { token: answer.body.accessToken })).status, 200);
  const timeline = await send("GET", `/users/${person.userId}/timeline`, { token: answer.body.accessToken });
  const actions = timeline.body.entries.map((entry: { action: string }) => entry.action);
  assert.deepEqual(actions.slice(0, 3), ["user.logged-in", "user.second-factor-asked", "user.second-factor-enrolled"]);
});

test("enrolling the first factor ends every other log-in, and its owner is told by mail", async () => {
  const { send, createPerson, logIn } = usher;
  const person = await createPerson();
  const elsewhere = await logIn(person.email);
  await enrolApp(usher, person);
  assert.equal((await send("GET", "/auth/me", { token: person.token })).status, 200);
  assert.equal((await send("GET", "/auth/me", { token: elsewhere.token })).status, 401);
  const refreshed = await send("POST", "/auth/refresh", { body: { refreshToken: elsewhere.refreshToken } });
  assert.equal(refreshed.status, 401);
  await usher.jobs.drain();
  const [mail] = usher.sandbox.mailbox.list({ to: person.email, limit: 1 });
  assert.equal(mail?.subject, "Your account asks for a second factor now");
});

test("a code counts once, also for another challenge, and codes of one step before and after count", async () => {
  const { clock, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const begin = async () => (await beginLogIn(usher, person.email)).challenge;
  const tryAt = async (seconds: number) =>
    complete({
      challenge: await begin(),
      code: codeOf(person.secret, new Date(clock.now().getTime() + seconds * 1000)),
    });
  assert.equal(errorOf(await tryAt(0)), "401 second-factor-refused", "the code of the enrolment was used up by it");
  clock.advanceSeconds(300);
  assert.equal((await tryAt(-30)).status, 200);
  assert.equal((await tryAt(0)).status, 200);
  assert.equal(errorOf(await tryAt(0)), "401 second-factor-refused");
  assert.equal((await tryAt(30)).status, 200);
  assert.equal(errorOf(await tryAt(0)), "401 second-factor-refused", "an earlier step than the last one taken");
  assert.equal(errorOf(await tryAt(60)), "401 second-factor-refused", "two steps ahead");
});

test("a challenge counts for five minutes, once, and the newest only", async () => {
  const { clock, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const code = () => codeOf(person.secret, clock.now());
  const old = await beginLogIn(usher, person.email);
  const newer = await beginLogIn(usher, person.email);
  clock.advanceSeconds(30);
  assert.equal(errorOf(await complete({ challenge: old.challenge, code: code() })), "401 second-factor-refused");
  assert.equal((await complete({ challenge: newer.challenge, code: code() })).status, 200);
  clock.advanceSeconds(30);
  assert.equal(errorOf(await complete({ challenge: newer.challenge, code: code() })), "401 second-factor-refused");
  const late = await beginLogIn(usher, person.email);
  clock.advanceSeconds(300);
  assert.equal(errorOf(await complete({ challenge: late.challenge, code: code() })), "401 second-factor-refused");
});

test("five wrong codes end a challenge, a sixth has to wait, and a success forgets them", async () => {
  const { clock, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  clock.advanceSeconds(60);
  const { challenge } = await beginLogIn(usher, person.email);
  const wrong = codeOf(person.secret, new Date(0));
  for (let tries = 0; tries < 5; tries += 1)
    assert.equal(errorOf(await complete({ challenge, code: wrong })), "401 second-factor-refused");
  const code = () => codeOf(person.secret, clock.now());
  assert.equal(errorOf(await complete({ challenge, code: code() })), "401 second-factor-refused", "out of tries");
  const next = await beginLogIn(usher, person.email);
  const early = await complete({ challenge: next.challenge, code: code() });
  assert.equal(errorOf(early), "429 too-many-requests");
  assert.ok(Number(early.headers.get("retry-after")) <= 30);
  clock.advanceSeconds(31);
  assert.equal((await complete({ challenge: next.challenge, code: code() })).status, 200);
});

test("who does not hold the challenge cannot use up its owner's tries", async () => {
  const { clock, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const { challenge } = await beginLogIn(usher, person.email);
  const guess = `${challenge.slice(0, -43)}${"A".repeat(43)}`;
  for (let tries = 0; tries < 8; tries += 1)
    assert.equal(errorOf(await complete({ challenge: guess, code: "123456" })), "401 second-factor-refused");
  clock.advanceSeconds(30);
  assert.equal((await complete({ challenge, code: codeOf(person.secret, clock.now()) })).status, 200);
});

test("new recovery codes take the place of the old ones, with a fresh proof only, and the owner is told", async () => {
  const person = await enrolApp(usher, await usher.createPerson());
  const path = `/users/${person.userId}/sca`;
  const ask = async () => (await usher.send("POST", `${path}/challenge`, { token: person.token })).body.challenge;
  const renew = (body: object) => usher.send("POST", `${path}/recovery-codes`, { token: person.token, body });
  const [old = "", other = ""] = person.recoveryCodes;
  assert.equal((await renew({ challenge: await ask(), recovery_code: "aaaaa-bbbbb" })).status, 400);
  const stranger = await enrolApp(usher, await usher.createPerson());
  assert.equal((await renew({ challenge: await ask(), recovery_code: stranger.recoveryCodes[0] })).status, 400);
  const challenge = await ask();
  const renewed = await renew({ challenge, recovery_code: old });
  assert.equal(renewed.status, 201, renewed.text);
  assert.equal(new Set([...renewed.body.recovery_codes, ...person.recoveryCodes]).size, 20);
  assert.equal((await renew({ challenge, recovery_code: other })).status, 400, "a challenge counts once");
  const logIn = async (code: string) =>
    complete({ challenge: (await beginLogIn(usher, person.email)).challenge, recovery_code: code });
  assert.equal((await logIn(other)).status, 401);
  assert.equal((await logIn(renewed.body.recovery_codes[0])).status, 200);
  await usher.jobs.drain();
  const subjects = usher.sandbox.mailbox.list({ to: person.email }).map(({ subject }: { subject?: string }) => subject);
  assert.ok(subjects.includes("Your account has new recovery codes"));
});

test("a recovery code lets in once, however it is typed", async () => {
  const { send, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const [first = "", second = ""] = person.recoveryCodes;
  const use = async (code: string) =>
    complete({ challenge: (await beginLogIn(usher, person.email)).challenge, recovery_code: code });
  const entered = await use(` ${first.toUpperCase().replace("-", " ")}`);
  assert.equal(entered.status, 200, entered.text);
  assert.equal(errorOf(await use(first)), "401 second-factor-refused");
  assert.equal((await use(second)).status, 200);
  const left = await send("GET", `/users/${person.userId}/sca`, { token: entered.body.accessToken });
  assert.equal(left.body.recovery_codes_left, 8);
  assert.deepEqual(
    left.body.factors.map(({ factor_id, method }: Record<string, string>) => [factor_id, method]),
    [[person.factorId, "totp"]],
  );
});

test("a wallet's log-in asks for the second factor as well, and its nonce is used up by it", async () => {
  const { send, clock } = usher;
  const wallet = createWallet();
  const token = await enterWith(send, wallet);
  const { userId, id } = (await send("GET", "/auth/me", { token })).body;
  const person = await enrolApp(usher, { userId, id, email: "", token, refreshToken: "" });
  const proof = await prove(wallet, await askNonce(send, wallet));
  const asked = await send("POST", "/auth/nonce", { body: proof });
  assert.equal(errorOf(asked), "401 second-factor-required");
  assert.equal((await send("POST", "/auth/nonce", { body: proof })).body.errorCode, "invalid-nonce");
  clock.advanceSeconds(30);
  const { challenge } = asked.body;
  const answer = await complete({ challenge, code: codeOf(person.secret, clock.now()) });
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await send("GET", "/auth/me", { token: answer.body.accessToken })).body.userId, userId);
});

test("a log-in with a second factor ends after five idle minutes, and not while it is used", async () => {
  const { send, clock, createPerson } = usher;
  const person = await logInWithApp(usher, await enrolApp(usher, await createPerson()));
  const me = () => send("GET", "/auth/me", { token: person.token });
  for (let minutes = 0; minutes < 12; minutes += 4) {
    clock.advanceSeconds(240);
    assert.equal((await me()).status, 200);
  }
  const refreshed = await send("POST", "/auth/refresh", { body: { refreshToken: person.refreshToken } });
  assert.equal(refreshed.status, 200);
  assert.deepEqual(decodeJwt(refreshed.body.accessToken).amr, ["mfa", "otp"], "the new token remembers the proofs");
  clock.advanceSeconds(240);
  const renewed = await send("POST", "/auth/refresh", { body: { refreshToken: refreshed.body.refreshToken } });
  assert.equal(renewed.status, 200, "a refresh is a use");
  clock.advanceSeconds(299);
  assert.equal((await send("GET", "/auth/me", { token: renewed.body.accessToken })).status, 200);
  clock.advanceSeconds(301);
  assert.equal((await send("GET", "/auth/me", { token: renewed.body.accessToken })).status, 401);
  const late = await send("POST", "/auth/refresh", { body: { refreshToken: renewed.body.refreshToken } });
  assert.equal(errorOf(late), "401 invalid-refresh-token");
});

test("a log-in without a second factor has no idle limit", async () => {
  const { send, clock, createPerson } = usher;
  const person = await createPerson();
  clock.advanceSeconds(800);
  assert.equal((await send("GET", "/auth/me", { token: person.token })).status, 200);
});

test("a password reset keeps the second factor: the new password alone does not let in", async () => {
  const { send, newestCode, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const { challenge } = await beginLogIn(usher, person.email);
  await send("POST", "/auth/forgot-password", { body: { email: person.email } });
  const confirmation_code = await newestCode(person.email);
  const body = { email: person.email, confirmation_code, new_password: password };
  assert.equal((await send("POST", "/auth/reset-password", { body })).status, 200);
  const stale = await complete({ challenge, recovery_code: person.recoveryCodes[0] });
  assert.equal(errorOf(stale), "401 second-factor-refused", "a log-in that was begun with the old password");
  await beginLogIn(usher, person.email);
});

test("a second factor is added only in a log-in with the first one, and a new app takes the old one's place", async () => {
  const { send, clock, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const path = `/users/${person.userId}/sca`;
  const without = await send("POST", path, { token: person.token, body: { method: "totp" } });
  assert.equal(errorOf(without), "403 second-factor-needed");
  const { token } = await logInWithApp(usher, person);
  const { secret, challenge } = (await send("POST", path, { token, body: { method: "totp" } })).body;
  const verified = await send("POST", `${path}/verify`, {
    token,
    body: { challenge, code: codeOf(secret, clock.now()) },
  });
  assert.equal(verified.status, 200, verified.text);
  assert.equal(verified.body.recovery_codes, undefined, "those of before go on counting");
  clock.advanceSeconds(30);
  const old = await complete({
    challenge: (await beginLogIn(usher, person.email)).challenge,
    code: codeOf(person.secret, clock.now()),
  });
  assert.equal(errorOf(old), "401 second-factor-refused");
  await logInWithApp(usher, { ...person, secret });
});

test("removing one's second factor takes a fresh proof; then the flag is cleared and other log-ins end", async () => {
  const { send, clock, createPerson } = usher;
  const enrolled = await enrolApp(usher, await createPerson());
  const elsewhere = await logInWithApp(usher, enrolled);
  const person = await logInWithApp(usher, enrolled);
  const path = `/users/${person.userId}/sca`;
  const remove = (body: object) => send("DELETE", path, { token: person.token, body });
  assert.equal(errorOf(await remove({})), "400 invalid-request");
  const { challenge } = (await send("POST", `${path}/challenge`, { token: person.token })).body;
  assert.equal(errorOf(await remove({ challenge, code: "000000" })), "400 invalid-second-factor");
  const logIn = await beginLogIn(usher, person.email);
  clock.advanceSeconds(30);
  const code = codeOf(person.secret, clock.now());
  assert.equal(
    errorOf(await remove({ challenge: logIn.challenge, code })),
    "400 invalid-second-factor",
    "a challenge of a log-in is another one",
  );
  const removed = await remove({ challenge, code });
  assert.equal(removed.status, 200, removed.text);
  assert.equal((await send("GET", `/User/${person.id}/status`, { token: person.token })).body.isScaVerified, false);
  assert.equal((await send("GET", "/auth/me", { token: elsewhere.token })).status, 401);
  assert.equal((await send("POST", "/auth/login", { body: { email: person.email, password } })).status, 200);
  assert.equal(errorOf(await send("POST", `${path}/challenge`, { token: person.token })), "404 no-second-factor");
});

test("bad input is refused naming the field, and changes nothing", async () => {
  const { send, createPerson } = usher;
  const person = await createPerson();
  const path = `/users/${person.userId}/sca`;
  const token = person.token;
  const bad: [string, string, object, string][] = [
    ["POST", path, { method: "sms" }, "method"],
    ["POST", path, { method: "totp", secret: "JBSWY3DPEHPK3PXP" }, "secret"],
    ["POST", `${path}/verify`, { challenge: "x" }, "code"],
    ["POST", `${path}/verify`, { challenge: "x", code: "12345" }, "code"],
    ["POST", `${path}/verify`, { challenge: "x", code: "123456", passkey: {} }, "passkey.id"],
    ["POST", "/auth/login/second-factor", { challenge: "x" }, "code"],
    ["POST", "/auth/login/second-factor", { challenge: "x", code: "123456", recovery_code: "aaaaa-bbbbb" }, "code"],
    ["POST", "/auth/login/second-factor", { code: "123456" }, "challenge"],
    ["DELETE", path, { factor_id: "1", challenge: "x", code: "123456" }, "factor_id"],
    ["DELETE", path, { reason: "me" }, "reason"],
  ];
  for (const [method, to, body, field] of bad) {
    const answer = await send(method, to, { token, body });
    assert.equal(answer.status, 400, `${method} ${to} ${JSON.stringify(body)}: ${answer.text}`);
    assert.ok(field in (answer.body.errors ?? {}), `${JSON.stringify(body)}: ${answer.text}`);
  }
  const unknown = await send("POST", `${path}/verify`, { token, body: { challenge: "x", code: "123456" } });
  assert.equal(errorOf(unknown), "400 invalid-second-factor");
});

test("an enrolment not proven within ten minutes does not count", async () => {
  const { send, clock, createPerson } = usher;
  const person = await createPerson();
  const path = `/users/${person.userId}/sca`;
  const { secret, challenge } = (await send("POST", path, { token: person.token, body: { method: "totp" } })).body;
  clock.advanceSeconds(601);
  const body = { challenge, code: codeOf(secret, clock.now()) };
  assert.equal(
    errorOf(await send("POST", `${path}/verify`, { token: person.token, body })),
    "400 invalid-second-factor",
  );
});

test("every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
