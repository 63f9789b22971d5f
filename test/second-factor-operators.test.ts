import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { password, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { beginLogIn, enrolApp, logInWithApp } from "./second-factor-people.ts";

let usher: TestUsher;
let admin: string;

before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
});
after(() => usher.stop());

const complete = (body: object) => usher.send("POST", "/auth/login/second-factor", { body });
const errorOf = ({ status, body }: { status: number; body: { errorCode?: string } }) => `${status} ${body?.errorCode}`;

test("an operator removes a lost second factor with a reason, and all log-ins of the person end", async () => {
  const { send, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const path = `/users/${person.userId}/sca`;
  assert.equal(errorOf(await send("DELETE", path, { token: admin, body: {} })), "400 invalid-request");
  const removed = await send("DELETE", path, { token: admin, body: { reason: "lost the phone, seen in person" } });
  assert.equal(removed.status, 200, removed.text);
  assert.equal((await send("GET", "/auth/me", { token: person.token })).status, 401);
  assert.equal((await send("POST", "/auth/login", { body: { email: person.email, password } })).status, 200);
  const again = await send("DELETE", path, { token: admin, body: { reason: "again" } });
  assert.equal(errorOf(again), "404 no-second-factor");
});

test("only a super-admin takes an operator's second factor away", async () => {
  const { send, createPerson, logIn } = usher;
  const [colleague, other] = [await createPerson(), await createPerson()];
  for (const { userId } of [colleague, other]) {
    const body = { role: "admin", type: "internal-admin", reason: "hired" };
    assert.equal((await send("PUT", `/users/${userId}/role`, { token: admin, body })).status, 200);
  }
  await enrolApp(usher, colleague);
  const path = `/users/${colleague.userId}/sca`;
  const { token } = await logIn(other.email);
  assert.equal(errorOf(await send("DELETE", path, { token, body: { reason: "asked" } })), "403 forbidden");
  assert.equal((await send("DELETE", path, { token: admin, body: { reason: "asked" } })).status, 200);
});

test("a deactivated person gets no further with the second factor", async () => {
  const { send, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  const { challenge } = await beginLogIn(usher, person.email);
  const status = { status: "inactive", reason: "test" };
  assert.equal((await send("PUT", `/users/${person.userId}/status`, { token: admin, body: status })).status, 200);
  const answer = await complete({ challenge, recovery_code: person.recoveryCodes[0] });
  assert.equal(errorOf(answer), "401 account-inactive");
});

test("an erased person leaves no second factor behind", async () => {
  const { send, createPerson } = usher;
  const person = await enrolApp(usher, await createPerson());
  await beginLogIn(usher, person.email);
  assert.equal((await send("DELETE", `/users/${person.userId}`, { token: admin })).status, 200);
  const { rows } = await sql<{ left: number }>`
    select (select count(*) from second_factors where user_id = ${person.userId})::int
         + (select count(*) from recovery_codes where user_id = ${person.userId})::int
         + (select count(*) from begun_log_ins where user_id = ${person.userId})::int as left`.execute(usher.db);
  assert.deepEqual(rows, [{ left: 0 }]);
});

test("where operators need a second factor, one without may enrol and nothing else", async () => {
  const email = "first.operator@example.com";
  const strict = await startUsher({
    REQUIRE_OPERATOR_SECOND_FACTOR: "on",
    BOOTSTRAP_ADMIN_EMAIL: email,
    BOOTSTRAP_ADMIN_PASSWORD: password,
  });
  try {
    const { token, refreshToken } = await strict.logIn(email);
    const { userId, id } = (await strict.send("GET", "/auth/me", { token })).body;
    const list = (given: string) => strict.send("GET", "/users/list", { token: given });
    assert.equal(errorOf(await list(token)), "403 second-factor-needed");
    const profile = await strict.send("PUT", `/users/${userId}`, { token, body: { city: "Lagos" } });
    assert.equal(errorOf(profile), "403 second-factor-needed");
    const operator = await enrolApp(strict, { userId, email, id, token, refreshToken });
    assert.equal(errorOf(await list(token)), "403 second-factor-needed", "this log-in was made without it");
    assert.equal((await list((await logInWithApp(strict, operator)).token)).status, 200);
    const person = await strict.createPerson();
    assert.equal((await strict.send("GET", `/users/${person.userId}`, { token: person.token })).status, 200);
  } finally {
    await strict.stop();
  }
});

test("every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
