import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { dumpDatabase, findInDump, fingerprintDatabase } from "./database-content.ts";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { tally, together } from "./people.ts";
import { assertProblem } from "./problem.ts";
import { createWallet, enterWith } from "./wallets.ts";

let usher: TestUsher;
const logLines: string[] = [];
before(async () => {
  usher = await startUsher({}, { logLines });
});
after(() => usher.stop());

let count = 0;
const profile = (more: Record<string, unknown> = {}) => {
  count += 1;
  return { firstname: "Paula", lastname: "Integrator", email: `profile${count}@partner.example`, ...more };
};
const complete = (token: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
  usher.send("POST", "/users/register", { token, body, headers });
const newcomer = () => enterWith(usher.send, createWallet());
const subjects = (to: string) => usher.sandbox.mailbox.list({ to }).map((mail: { subject?: string }) => mail.subject);

test("wrong-user-id: without a token, with a bad one, and whatever else is wrong with the body", async () => {
  const token = await newcomer();
  for (const bad of [undefined, "x", `${token.slice(0, -4)}AAAA`, `${token}.x`]) {
    for (const body of [profile(), {}, { firstname: 5 }, { unknown: 1 }])
      assertProblem(await complete(bad, body), { status: 401, code: "wrong-user-id" }, JSON.stringify(body));
  }
  for (const scheme of ["Basic x", "Bearer", `bearer  ${token}`])
    assertProblem(
      await complete(undefined, profile(), { authorization: scheme }),
      { status: 401, code: "wrong-user-id" },
      scheme,
    );
  const withPassword = { email: "p@partner.example", fname: "A", lname: "B", password: "correct horse battery staple" };
  assertProblem(
    await complete("x", withPassword),
    { status: 401, code: "unauthenticated" },
    "the other form keeps its word",
  );
});

test("an account that may not act learns why", async () => {
  const token = await newcomer();
  const { userId } = (await usher.send("GET", "/auth/me", { token })).body;
  const admin = await usher.logInAdmin();
  await usher.send("PUT", `/users/${userId}/status`, { token: admin, body: { status: "blocked", reason: "test" } });
  assertProblem(await complete(token, profile()), { status: 401, code: "account-blocked" });
});

test("missing-data: names, address, an arbitrator's website, a wallet; never the general code", async () => {
  const token = await newcomer();
  for (const field of ["firstname", "lastname", "email"]) {
    for (const nothing of [undefined, null, "", "   "])
      assertProblem(
        await complete(token, profile({ [field]: nothing })),
        { status: 400, code: "missing-data", field },
        field,
      );
  }
  const all = await complete(token, undefined);
  assertProblem(all, { status: 400, code: "missing-data" });
  assert.deepEqual(Object.keys(all.body.errors), ["firstname", "lastname", "email"]);
  for (const website of [undefined, null, "", " "])
    assertProblem(await complete(token, profile({ accountType: "arbitrator", website })), {
      status: 400,
      code: "missing-data",
      field: "website",
    });
  const person = await usher.createPerson();
  assertProblem(await complete(person.token, profile({ email: person.email })), {
    status: 400,
    code: "missing-data",
    field: "walletAddress",
  });
});

test("what is there and wrong is named, and unknown fields, rights and states are refused", async () => {
  const token = await newcomer();
  const wrong: [field: string, value: unknown][] = [
    ["email", "x"], ["email", 5], ["firstname", 5], ["firstname", "a\u0000b"], ["firstname", "x".repeat(101)], ["country", "Belgium"], ["country", "XX"], ["phone", "12"], ["phone", "+1"], ["accountType", "admin"],
    ["accountType", null], ["website", "javascript:alert(1)"], ["website", "https://"], ["website", "ftp://x.example"], ["additionalInfo", "x".repeat(2001)], ["additionalInfo", "a\u001bb"], ["address1", 1],
    ["role", "admin"], ["type", "internal-admin"], ["status", "active"], ["userId", "x"], ["walletAddress", "0x"], ["email_verified_at", "2026-01-01"], ["verification", "verified"], ["fname", "A"], ["org_id", "x"], ["permissions", []],
  ]; // biome-ignore format: one glance
  const content = await fingerprintDatabase(usher.ownerUrl, ["public.throttles"]);
  for (const [field, value] of wrong)
    assertProblem(
      await complete(token, profile({ accountType: "standard", [field]: value })),
      { status: 400, code: "invalid-request", field },
      `${field} ${value}`,
    );
  assert.deepEqual(await fingerprintDatabase(usher.ownerUrl, ["public.throttles"]), content);
});

test("email-already-exists, in any spelling; the own address is no duplicate", async () => {
  const [first, second] = [await newcomer(), await newcomer()];
  const body = profile({ email: "taken@partner.example" });
  assert.equal((await complete(first, body)).status, 200);
  for (const email of ["taken@partner.example", " Taken@Partner.EXAMPLE "])
    assertProblem(await complete(second, { ...body, email }), { status: 409, code: "email-already-exists" });
  assert.equal((await complete(first, { ...body, email: "TAKEN@partner.example" })).status, 200);
});

test("of 64 newcomers who want one address, one gets it", async () => {
  const tokens = await Promise.all(Array.from({ length: 16 }, newcomer));
  const body = profile();
  const tries = await together(64, (index) => complete(tokens[index % 16], body));
  const counts = tally(tries);
  assert.deepEqual(
    Object.keys(counts).sort(),
    ["200", "409 email-already-exists", "429 too-many-requests"].filter((name) => name in counts),
  );
  const winners = new Set(tries.filter(({ status }) => status === 200).map((answer) => answer.body.userId));
  assert.equal(winners.size, 1);
  await usher.jobs.drain();
  assert.deepEqual(subjects(body.email).sort(), ["Your confirmation code", "Your profile is complete"]);
});

test("the profile is updated by repeating: absent fields and the account type stay, null clears, the welcome comes once", async () => {
  const token = await newcomer();
  const body = profile({
    accountType: "arbitrator",
    website: "https://a.example",
    additionalInfo: "Twelve years",
    city: "Brussels",
    country: "be",
    phone: "+32 470 00 11 22",
  });
  assert.equal((await complete(token, body)).body.additionalInfo, "Twelve years");
  const { firstname, lastname, email } = body;
  const again = await complete(token, { firstname, lastname, email });
  assert.deepEqual([again.body.accountType, again.body.additionalInfo], ["arbitrator", "Twelve years"]);
  const { userId } = again.body;
  const read = async () => (await usher.send("GET", `/users/${userId}`, { token })).body;
  const { city, country, phone_number } = await read();
  assert.deepEqual({ city, country, phone_number }, { city: "Brussels", country: "BE", phone_number: "+32470001122" });
  assert.equal(
    (await complete(token, { firstname, lastname, email, city: null, additionalInfo: "", accountType: "standard" }))
      .body.accountType,
    "standard",
  );
  assert.equal((await read()).city, null);
  await usher.jobs.drain();
  assert.deepEqual(subjects(email).sort(), ["Your confirmation code", "Your profile is complete"]);
});

test("another address before the confirmation gets a code of its own, and the one before counts no more", async () => {
  const token = await newcomer();
  const body = profile();
  await complete(token, body);
  const old = await usher.newestCode(body.email);
  const email = "moved@partner.example";
  assert.equal((await complete(token, { ...body, email })).status, 200);
  const confirm = (address: string, confirmation_code: string) =>
    usher.send("POST", "/users/confirm", { body: { email: address, confirmation_code } });
  assertProblem(await confirm(body.email, old), { status: 400, code: "invalid-confirmation-code" });
  assert.equal((await confirm(email, await usher.newestCode(email))).status, 200);
  assertProblem(await complete(token, profile()), { status: 409, code: "verified-data-locked", field: "email" });
  assert.equal((await complete(token, { ...body, email, lastname: "Changed" })).status, 200);
});

test("the name of somebody who was verified stays", async () => {
  const token = await newcomer();
  const body = profile();
  const { userId } = (await complete(token, body)).body;
  await usher.send("POST", "/users/confirm", {
    body: { email: body.email, confirmation_code: await usher.newestCode(body.email) },
  });
  const { rows } = await asOwner(`update users set status = 'active' where user_id = '${userId}' returning 1`);
  assert.equal(rows.length, 1);
  assertProblem(await complete(token, { ...body, firstname: "Else" }), {
    status: 409,
    code: "verified-data-locked",
    field: "firstname",
  });
  assert.equal((await complete(token, { ...body, city: "Ghent" })).status, 200);
  await asOwner(`update users set status = 'not_verified' where user_id = '${userId}'`);
});

test("a repeat with the same Idempotency-Key gets the first answer", async () => {
  const token = await newcomer();
  const body = profile();
  const headers = { "idempotency-key": "profile-1" };
  const first = await complete(token, body, headers);
  assert.equal((await complete(token, body, headers)).text, first.text);
  assertProblem(await complete(token, { ...body, city: "Ghent" }, headers), {
    status: 422,
    code: "idempotency-key-reused",
  });
});

/** Where the database is made to fail, and what the answer calls it. */
const faults: [table: string, when: string, code: string][] = [
  ["users", "before update", "user-insert-error"],
  ["identities", "before update", "wallet-insert-error"],
  ["arbitrators", "before insert", "register-arbitrator-error"],
  ["journal_entries", "before insert", "registration-tx-error"],
  ["messages", "before insert", "registration-tx-error"],
  ["one_time_secrets", "before insert", "registration-tx-error"],
  ["pgboss.job_common", "before insert", "registration-tx-error"],
  ["users", "deferred after update", "registration-tx-error"],
];

for (const [table, when, code] of faults) {
  test(`${code}: a database fault ${when} of ${table} rolls everything back and names the step`, async () => {
    const token = await newcomer();
    const body = profile({ accountType: "arbitrator", website: "https://a.example", additionalInfo: "fault canary" });
    await usher.jobs.drain();
    const content = await fingerprintDatabase(usher.ownerUrl, ["public.throttles"]);
    await asOwner(
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'fault canary'; end $$`,
    );
    const timing = when.startsWith("deferred")
      ? `create constraint trigger fault after update on ${table} deferrable initially deferred for each row`
      : `create trigger fault ${when} on ${table} for each row`;
    await asOwner(`${timing} execute function fail()`);
    const answer = await complete(token, body).finally(() =>
      asOwner(`drop trigger fault on ${table}; drop function fail()`),
    );
    assertProblem(answer, { status: 500, code });
    assert.doesNotMatch(answer.text, /canary/);
    assert.deepEqual(await fingerprintDatabase(usher.ownerUrl, ["public.throttles"]), content, "something was left");
    assert.equal((await complete(token, body)).status, 200, "and afterwards it works");
  });
}

async function asOwner(statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: usher.ownerUrl });
  await client.connect();
  return client.query(statement).finally(() => client.end());
}

test("nothing personal is in logs or jobs, and texts about people are where they belong", async () => {
  const token = await newcomer();
  const canary = "canary7f3a";
  const body = profile({
    firstname: `F${canary}`,
    email: `${canary}@partner.example`,
    additionalInfo: `info ${canary}`,
    website: `https://${canary}.example`,
  });
  assert.equal((await complete(token, body)).status, 200);
  assertProblem(await complete(token, { ...body, country: canary }), { status: 400 });
  await usher.jobs.drain();
  assert.deepEqual(
    logLines.filter((line) => line.includes(canary)),
    [],
  );
  const tables = new Set(findInDump(await dumpDatabase(usher.ownerUrl), canary));
  assert.deepEqual([...tables], ["public.users"]);
});

test("after all this every invariant holds", () => assertInvariants(usher));
