import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { dumpDatabase, findInDump } from "./database-content.ts";
import { password, startUsher, type TestUsher } from "./harness.ts";
import { beginLogIn, codeOf, enrolApp } from "./second-factor-people.ts";
import { askNonce, createWallet, prove } from "./wallets.ts";

let usher: TestUsher;

before(async () => {
  usher = await startUsher({ IDENTITY_PROVIDER: "cognito" });
});
after(() => usher.stop());

const complete = (body: object) => usher.send("POST", "/auth/login/second-factor", { body });
const statusWith = async (token: string) => (await usher.send("GET", "/auth/me", { token })).status;

test("with Amazon Cognito as the identity provider its tokens are held back until the second factor is there", async () => {
  const { createPerson, logIn, db } = usher;
  const registered = await createPerson();
  const elsewhere = await logIn(registered.email);
  const person = await enrolApp(usher, registered);
  assert.equal(await statusWith(person.token), 200, "the log-in in which the proof was given");
  assert.equal(await statusWith(elsewhere.token), 401);

  const { challenge } = await beginLogIn(usher, person.email);
  const held = await sql<{ held: boolean }>`select tokens_sealed is not null as held from begun_log_ins`.execute(db);
  assert.deepEqual(held.rows, [{ held: true }]);
  usher.clock.advanceSeconds(30);
  const answer = await complete({ challenge, code: codeOf(person.secret, usher.clock.now()) });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await statusWith(answer.body.accessToken), 200);
  const dump = await dumpDatabase(usher.ownerUrl);
  assert.deepEqual(findInDump(dump, answer.body.refreshToken), []);
  const refreshed = await usher.send("POST", "/auth/refresh", { body: { refreshToken: answer.body.refreshToken } });
  assert.equal(refreshed.status, 200, refreshed.text);
  assert.equal(await statusWith(refreshed.body.accessToken), 200, "a refreshed token belongs to the same log-in");
});

test("tokens that somebody got from the pool itself, past our second factor, do not count here", async () => {
  const { createPerson, db } = usher;
  const person = await enrolApp(usher, await createPerson());
  const before = await sql<{ login: string }>`
    select login from foreign_logins where user_id = ${person.userId} and second_factor`.execute(db);
  assert.equal(before.rows.length, 1);
  // As after a sign-in at the pool alone: the same kind of token, and no note of a second factor for its log-in.
  await sql`update foreign_logins set second_factor = false where user_id = ${person.userId}`.execute(db);
  const refused = await usher.send("GET", "/auth/me", { token: person.token });
  assert.equal(refused.status, 401);
  assert.match(refused.body.detail, /second factor/);
});

test("a wrong password asks for no second factor", async () => {
  const person = await enrolApp(usher, await usher.createPerson());
  const answer = await usher.send("POST", "/auth/login", { body: { email: person.email, password: `${password}?` } });
  assert.equal(answer.body.errorCode, "invalid-credentials");
});

test("a log-in with a second factor ends after five idle minutes, and stands while it is used or refreshed", async () => {
  const person = await enrolApp(usher, await usher.createPerson());
  for (const _minutes of [4, 8]) {
    usher.clock.advanceSeconds(240);
    assert.equal(await statusWith(person.token), 200);
  }
  usher.clock.advanceSeconds(240);
  const refreshed = await usher.send("POST", "/auth/refresh", { body: { refreshToken: person.refreshToken } });
  assert.equal(refreshed.status, 200, refreshed.text);
  usher.clock.advanceSeconds(240);
  assert.equal(await statusWith(refreshed.body.accessToken), 200);
  usher.clock.advanceSeconds(301);
  assert.equal(await statusWith(refreshed.body.accessToken), 401);
  const late = await usher.send("POST", "/auth/refresh", { body: { refreshToken: refreshed.body.refreshToken } });
  assert.equal(late.body.errorCode, "invalid-refresh-token");
});

test("unlinking a wallet does not make a log-in one with a second factor", async () => {
  const { send, createPerson, db } = usher;
  const { userId, token } = await createPerson();
  const wallet = createWallet();
  const body = await prove(wallet, await askNonce(send, wallet, { user_id: userId }));
  assert.equal((await send("POST", `/users/${userId}/wallets`, { token, body })).status, 201);
  assert.equal((await send("DELETE", `/users/${userId}/wallets/${wallet.address}`, { token })).status, 200);
  assert.equal(await statusWith(token), 200, "the own log-in goes on");
  const { rows } = await sql`select second_factor from foreign_logins where user_id = ${userId}`.execute(db);
  assert.deepEqual(rows, [{ second_factor: false }]);
});
