import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createAuthenticator } from "./authenticator.ts";
import type { Answer } from "./harness.ts";
import { tally, together } from "./people.ts";
import { contenders, makeRaceGround, type RaceGround } from "./race-ground.ts";
import { beginLogIn, codeOf, enrolApp } from "./second-factor-people.ts";

let ground: RaceGround;

before(async () => {
  ground = await makeRaceGround(12);
});
after(() => ground.usher.stop());

const complete = (body: object): Promise<Answer> => ground.send("POST", "/auth/login/second-factor", { body });
/** The account's budget closes after five tries that are under way, and opens again with the winner's success. */
const oneWins = (answers: Answer[]) => {
  const { 200: won, ...lost } = tally(answers);
  assert.equal(won, 1, JSON.stringify(tally(answers)));
  for (const name of Object.keys(lost)) assert.ok(losing.includes(name), name);
};
/** Once the first factor counts, proving another one takes a log-in with it. */
const losing = [
  "401 second-factor-refused",
  "400 invalid-second-factor",
  "403 second-factor-needed",
  "429 too-many-requests",
];

test("of 64 who prove one enrolment, one activates it, and there is one set of recovery codes", async () => {
  const { usher, send, person, ask } = ground;
  const { userId, token } = person();
  const begun = await send("POST", `/users/${userId}/sca`, { token, body: { method: "totp" } });
  const { challenge, secret } = begun.body;
  const body = { challenge, code: codeOf(secret, usher.clock.now()) };
  const tries = await together(contenders, () => send("POST", `/users/${userId}/sca/verify`, { token, body }));
  oneWins(tries);
  const codes = sql<{ value: number }>`select count(*)::int as value from recovery_codes where user_id = ${userId}`;
  assert.equal(await ask(codes), 10);
});

test("of 64 log-ins with one challenge and one code, one gets tokens", async () => {
  const { usher, person } = ground;
  const owner = await enrolApp(usher, person());
  usher.clock.advanceSeconds(30);
  const { challenge } = await beginLogIn(usher, owner.email);
  const code = codeOf(owner.secret, usher.clock.now());
  oneWins(await together(contenders, () => complete({ challenge, code })));
});

test("of 64 log-ins with one recovery code, one gets tokens", async () => {
  const { usher, person, ask } = ground;
  const owner = await enrolApp(usher, person());
  const { challenge } = await beginLogIn(usher, owner.email);
  oneWins(await together(contenders, () => complete({ challenge, recovery_code: owner.recoveryCodes[0] })));
  const used = sql<{ value: number }>`
    select count(*)::int as value from recovery_codes where user_id = ${owner.userId} and used_at is not null`;
  assert.equal(await ask(used), 1);
});

test("of 64 log-ins with one answer of a passkey, one gets tokens", async () => {
  const { usher, send, person } = ground;
  const { userId, token, email } = person();
  const authenticator = createAuthenticator(`http://localhost:${new URL(usher.url).port}`);
  const begun = await send("POST", `/users/${userId}/sca`, { token, body: { method: "passkey" } });
  const { challenge, passkey } = begun.body;
  const body = { challenge, passkey: authenticator.create(passkey) };
  oneWins(await together(contenders, () => send("POST", `/users/${userId}/sca/verify`, { token, body })));
  const demand = await beginLogIn(usher, email);
  const answer = authenticator.get(demand.passkey);
  oneWins(await together(contenders, () => complete({ challenge: demand.challenge, passkey: answer })));
});

test("64 wrong codes at once get no more than five tries of a challenge", async () => {
  const { usher, person } = ground;
  const owner = await enrolApp(usher, person());
  usher.clock.advanceSeconds(60);
  const { challenge } = await beginLogIn(usher, owner.email);
  const tries = await together(contenders, () => complete({ challenge, code: codeOf(owner.secret, new Date(0)) }));
  const { "401 second-factor-refused": refused = 0, "429 too-many-requests": waiting = 0 } = tally(tries);
  assert.equal(refused + waiting, contenders);
  assert.ok(refused <= 6, `${refused} were looked at`);
});

test("of 64 removals with one proof, one is made", async () => {
  const { usher, send, person } = ground;
  const owner = await enrolApp(usher, person());
  const path = `/users/${owner.userId}/sca`;
  const { challenge } = (await send("POST", `${path}/challenge`, { token: owner.token })).body;
  const body = { challenge, recovery_code: owner.recoveryCodes[0] };
  oneWins(await together(contenders, () => send("DELETE", path, { token: owner.token, body })));
});

test("of 64 confirmations of a phone with one code, one counts, and of 2 people with one number one has it", async () => {
  const { usher, send, person } = ground;
  const phone_number = "+2348031299001";
  const pair = [person(), person()];
  for (const { userId, token } of pair) await send("PUT", `/users/${userId}`, { token, body: { phone_number } });
  const [first, second] = pair;
  assert.ok(first && second);
  const codes: string[] = [];
  for (const { userId, token } of pair) {
    await send("POST", `/users/${userId}/phone/send-code`, { token });
    codes.push(await usher.newestCode(phone_number));
  }
  const tries = await together(contenders, (index) => {
    const { userId, token } = index % 2 === 0 ? first : second;
    return send("POST", `/users/${userId}/phone/verify`, { token, body: { code: codes[index % 2] } });
  });
  const counts = tally(tries);
  assert.equal(counts[200], 1, JSON.stringify(counts));
  assert.ok((counts["409 phone-already-verified"] ?? 0) >= 1);
  assert.equal(
    contenders,
    1 + (counts["409 phone-already-verified"] ?? 0) + (counts["400 invalid-phone-code"] ?? 0),
    JSON.stringify(counts),
  );
});

test("64 requests for a code at once send one", async () => {
  const { usher, send, person } = ground;
  const phone_number = "+2348031299002";
  const { userId, token } = person();
  await send("PUT", `/users/${userId}`, { token, body: { phone_number } });
  const tries = await together(contenders, () => send("POST", `/users/${userId}/phone/send-code`, { token }));
  assert.deepEqual(tally(tries), { 202: 1, "429 too-many-requests": contenders - 1 });
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: phone_number }).length, 1);
});

test("four log-ins of an enrolled person at once: each is asked, the newest challenge alone counts", async () => {
  const { usher, person } = ground;
  const owner = await enrolApp(usher, person());
  usher.clock.advanceSeconds(30);
  const demands = await together(4, () => beginLogIn(usher, owner.email));
  assert.equal(new Set(demands.map(({ challenge }) => challenge)).size, 4);
  const code = codeOf(owner.secret, usher.clock.now());
  const answers = [];
  for (const { challenge } of demands) answers.push(await complete({ challenge, code }));
  assert.deepEqual(tally(answers), { 200: 1, "401 second-factor-refused": 3 });
});

test("after all these races no server failed and every invariant holds", () => ground.assertWhole());
