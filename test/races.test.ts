import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type Answer, type Person, password, type SendOptions, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { createPeople, tally, together } from "./people.ts";

/** Contenders for everything that only one may have. */
const contenders = 64;

let usher: TestUsher;
/** Every answer, for the promise that the server never fails (I14). */
const answers: Answer[] = [];
const send = async (method: string, path: string, options?: SendOptions): Promise<Answer> => {
  const answer = await usher.send(method, path, options);
  answers.push(answer);
  return answer;
};

let people: Person[];
/** Two operators who may do everything. */
let operators: [string, string];
let newcomer: Person & { operatorToken?: string };

before(async () => {
  // As many connections as contenders: all of them stand before the same row at once.
  usher = await startUsher({ DATABASE_POOL_SIZE: String(contenders) });
  people = await createPeople(usher, 40);
});
after(() => usher.stop());

const person = () => {
  const next = people.pop();
  assert.ok(next, "the tests need more people");
  return next;
};
const count = async (query: ReturnType<typeof sql<{ count: number }>>) => (await query.execute(usher.db)).rows[0]?.count;
const statusOf = async ({ userId }: Person) =>
  (await sql<{ status: string }>`select status from users where user_id = ${userId}`.execute(usher.db)).rows[0]?.status;

test("of 64 who use one log-in link, one gets in", async () => {
  const token = usher.adminLink.split("#")[1];
  const tries = await together(contenders, () => send("POST", "/auth/login-link", { body: { token } }));
  assert.deepEqual(tally(tries), { 200: 1, "401 invalid-login-link": contenders - 1 });
  const admin = tries.find(({ status }) => status === 200)?.body.accessToken as string;
  newcomer = person();
  const granted = await send("PUT", `/users/${newcomer.userId}/role`, { token: admin, body: { role: "super-admin", type: "internal-admin", reason: "second operator" } });
  assert.equal(granted.status, 200, granted.text);
  operators = [admin, newcomer.token];
});

test("of 64 registrations of one e-mail address, one makes the user and the others are told", async () => {
  const email = "Raced@Example.com";
  const body = { email, fname: "Ada", lname: "Okafor", password };
  const tries = await together(contenders, (index) => send("POST", "/users/register", { body: { ...body, email: index % 2 ? email : email.toLowerCase() } }));
  assert.deepEqual(tally(tries), { 201: 1, "409 email-already-exists": contenders - 1 });
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: email.toLowerCase() }).length, 1);
  assert.equal(await count(sql`select count(*)::int as count from users where email = ${email.toLowerCase()}`), 1);
});

test("64 registrations with one Idempotency-Key are one, and all get its answer", async () => {
  const body = { email: "idempotent@example.com", fname: "Ada", lname: "Okafor", password };
  const headers = { "idempotency-key": randomUUID() };
  const tries = await together(contenders, () => send("POST", "/users/register", { body, headers }));
  assert.deepEqual(tally(tries), { 201: contenders });
  assert.equal(new Set(tries.map(({ text }) => text)).size, 1);
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: body.email }).length, 1);
});

test("of 64 who enter one confirmation code, one is told that it counts", async () => {
  const { email } = await usher.register();
  const body = { email, confirmation_code: await usher.newestCode(email) };
  const tries = await together(contenders, () => send("POST", "/users/confirm", { body }));
  assert.deepEqual(tally(tries), { 200: 1, "400 invalid-confirmation-code": contenders - 1 });
});

test("64 wrong codes at once leave no try for the right one", async () => {
  const { email } = await usher.register();
  const right = await usher.newestCode(email);
  const wrong = right === "000000" ? "000001" : "000000";
  const tries = await together(contenders, () => send("POST", "/users/confirm", { body: { email, confirmation_code: wrong } }));
  assert.deepEqual(tally(tries), { "400 invalid-confirmation-code": contenders });
  const late = await send("POST", "/users/confirm", { body: { email, confirmation_code: right } });
  assert.equal(late.status, 400);
});

test("of 64 resets with one code, one sets the password", async () => {
  const { email } = person();
  await send("POST", "/auth/forgot-password", { body: { email } });
  const confirmation_code = await usher.newestCode(email);
  const tries = await together(contenders, (index) => send("POST", "/auth/reset-password", { body: { email, confirmation_code, new_password: `a password of contender ${index}` } }));
  assert.deepEqual(tally(tries), { 200: 1, "400 invalid-confirmation-code": contenders - 1 });
  const winner = tries.findIndex(({ status }) => status === 200);
  const logIn = await send("POST", "/auth/login", { body: { email, password: `a password of contender ${winner}` } });
  assert.equal(logIn.status, 200);
});

test("64 log-ins of 16 people at once all succeed, each with tokens of its own", async () => {
  const several = people.slice(0, 16);
  const tries = await together(contenders, (index) => send("POST", "/auth/login", { body: { email: several[index % 16]?.email, password } }));
  assert.deepEqual(tally(tries), { 200: contenders });
  assert.equal(new Set(tries.map(({ body }) => body.refreshToken)).size, contenders);
  const me = await Promise.all(tries.map(({ body }) => send("GET", "/auth/me", { token: body.accessToken })));
  assert.deepEqual(tally(me), { 200: contenders });
});

test("64 wrong passwords at once get no more than five guesses, and the owner gets in afterwards", async () => {
  const { email } = person();
  const guess = (wrong: string) => send("POST", "/auth/login", { body: { email, password: wrong } });
  const tries = await together(contenders, (index) => guess(`wrong guess ${index}`));
  assert.deepEqual(tally(tries), { "401 invalid-credentials": 5, "429 too-many-requests": contenders - 5 });
  usher.clock.advanceSeconds(31);
  assert.equal((await guess(password)).status, 200);
});

test("of 64 uses of one refresh token one gets tokens, and then the whole log-in is ended", async () => {
  const { email } = person();
  const { token, refreshToken } = await usher.logIn(email);
  const tries = await together(contenders, () => send("POST", "/auth/refresh", { body: { refreshToken } }));
  assert.deepEqual(tally(tries), { 200: 1, "401 invalid-refresh-token": contenders - 1 });
  const won = tries.find(({ status }) => status === 200)?.body;
  assert.equal((await send("POST", "/auth/refresh", { body: { refreshToken: won.refreshToken } })).status, 401);
  assert.equal((await send("GET", "/auth/me", { token: won.accessToken })).status, 401);
  assert.equal((await send("GET", "/auth/me", { token })).status, 401);
});

test("64 starts of one person's verification give one session, at the provider too", async () => {
  const { token, userId } = person();
  const tries = await together(contenders, () => send("POST", "/ekyc/me/sessions", { token, body: {} }));
  assert.deepEqual(tally(tries), { 200: contenders });
  assert.equal(new Set(tries.map(({ body }) => body.id)).size, 1);
  const atProvider = await fetch(`${usher.sandbox.veriff.url}/sandbox/sessions?vendorData=${userId}`);
  assert.equal(((await atProvider.json()) as { sessions: unknown[] }).sessions.length, 1);
  assert.equal(await count(sql`select count(*)::int as count from kyc_sessions where user_id = ${userId}`), 1);
});

test("64 deactivations by two operators are one move", async () => {
  const target = person();
  const admins = await adminIds();
  const tries = await together(contenders, (index) =>
    send("PUT", `/users/${target.userId}/deactivate`, { token: operators[index % 2], body: { updated_by: admins[index % 2], reason: "raced" } }),
  );
  assert.deepEqual(tally(tries), { 200: 1, "409 illegal-move": contenders - 1 });
  assert.equal(await statusOf(target), "inactive");
});

test("two operators who pull one user in many directions leave one unbroken line of moves", async () => {
  const target = person();
  const targets = ["active", "rejected", "not_verified", "pending_verification", "blocked", "inactive"];
  const tries = await together(contenders, (index) =>
    send("PUT", `/users/${target.userId}/status`, { token: operators[index % 2], body: { status: targets[index % targets.length], reason: "raced" } }),
  );
  const { 200: moved = 0, "409 illegal-move": refused = 0 } = tally(tries);
  assert.equal(moved + refused, contenders);
  assert.ok(moved > 0);
});

test("of 64 changes with one ETag, one is made", async () => {
  const { token, userId } = person();
  const etag = (await send("GET", `/users/${userId}`, { token })).headers.get("etag") ?? "";
  const tries = await together(contenders, (index) => send("PUT", `/users/${userId}`, { token, body: { city: `City ${index}` }, headers: { "if-match": etag } }));
  assert.deepEqual(tally(tries), { 200: 1, "412 precondition-failed": contenders - 1 });
});

test("a change of role and a deactivation at the same moment both stand, and log-ins are gone", async () => {
  const target = person();
  const [admin] = await adminIds();
  await together(contenders, (index) =>
    index === 32
      ? send("PUT", `/users/${target.userId}/deactivate`, { token: operators[0], body: { updated_by: admin } })
      : index % 2
        ? send("PUT", `/users/${target.userId}/role`, { token: operators[1], body: { role: "freelancer", reason: "raced" } })
        : send("POST", "/auth/refresh", { body: { refreshToken: target.refreshToken } }),
  );
  const { rows } = await sql<{ status: string; role: string }>`select status, role from users where user_id = ${target.userId}`.execute(usher.db);
  assert.deepEqual(rows, [{ status: "inactive", role: "freelancer" }]);
  assert.equal((await send("GET", "/auth/me", { token: target.token })).body.errorCode, "account-inactive");
});

test("two admins of an organisation who remove each other 32 times leave one", async () => {
  const [first, second] = [person(), person()];
  const made = await send("POST", "/organizations", { token: operators[0], body: { name: "Raced Ltd", admin_user_id: first.userId } });
  const members = `/organizations/${made.body.org_id}/members`;
  const added = await send("POST", members, { token: first.token, body: { user_id: second.userId, role: "admin" } });
  assert.equal(added.status, 201, added.text);
  const tries = await together(contenders, (index) => {
    const [by, whom] = index % 2 ? [first, second] : [second, first];
    return index % 4 < 2 ? send("DELETE", members, { token: by.token, body: { user_id: whom.userId } }) : send("PUT", members, { token: by.token, body: { user_id: whom.userId, role: "user" } });
  });
  assert.equal(await count(sql`select count(*)::int as count from organisation_members where org_id = ${made.body.org_id} and role = 'admin'`), 1);
  assert.ok(tries.every(({ status }) => [200, 403, 404, 409].includes(status)), JSON.stringify(tally(tries)));
});

test("who erases the account while being moved between organisations is erased, and nobody fails", async () => {
  const made = await send("POST", "/organizations", { token: operators[0], body: { name: "Busy Ltd" } });
  const members = `/organizations/${made.body.org_id}/members`;
  const leaving = Array.from({ length: 8 }, person);
  const tries = await Promise.all(
    leaving.flatMap(({ userId, token }) => [
      send("POST", members, { token: operators[0], body: { user_id: userId, role: "user" } }),
      send("DELETE", members, { token: operators[1], body: { user_id: userId } }),
      send("DELETE", `/users/${userId}`, { token }),
      send("POST", members, { token: operators[1], body: { user_id: userId, role: "staff" } }),
    ]),
  );
  assert.ok(tries.every(({ status }) => status < 500), JSON.stringify(tally(tries)));
  for (const { userId } of leaving) {
    assert.equal(await count(sql`select count(*)::int as count from organisation_members where user_id = ${userId}`), 0);
  }
});

test("two operators who take each other's rights away cannot both succeed", async () => {
  const [admin, second] = await adminIds();
  const demotion = { role: "retail", type: "user", reason: "raced" };
  const tries = await together(contenders, (index) => send("PUT", `/users/${index % 2 ? admin : second}/role`, { token: operators[index % 2 ? 1 : 0], body: demotion }));
  const left = await count(sql`select count(*)::int as count from users where type = 'internal-admin' and role = 'super-admin'`);
  assert.equal(left, 1, JSON.stringify(tally(tries)));
});

test("no race was answered with a failure of the server, and every invariant holds", async () => {
  assert.deepEqual(tally(answers.filter(({ status }) => status >= 500)), {});
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});

/** The user ids of both operators, in their order. */
async function adminIds(): Promise<[string, string]> {
  const { rows } = await sql<{ user_id: string }>`select user_id from users where email = 'admin@usher.example'`.execute(usher.db);
  return [rows[0]?.user_id ?? "", newcomer.userId];
}
