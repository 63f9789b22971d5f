import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type Answer, type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";

let usher: TestUsher;

before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

let numbers = 0;
/** A number that nobody else in this file has. */
const newNumber = () => {
  numbers += 1;
  return `+23480312${String(10_000 + numbers)}`;
};
const errorOf = ({ status, body }: Answer) => `${status} ${body?.errorCode}`;
const sendCode = ({ userId, token }: Person) => usher.send("POST", `/users/${userId}/phone/send-code`, { token });
const verify = ({ userId, token }: Person, code: string) =>
  usher.send("POST", `/users/${userId}/phone/verify`, { token, body: { code } });
const isVerified = async ({ id, token }: Person) =>
  (await usher.send("GET", `/User/${id}/status`, { token })).body.isPhoneNumberVerified;

test("a number is confirmed with the code of a text message, and the time is kept", async () => {
  const phone_number = newNumber();
  const person = await usher.createPerson({ phone_number });
  assert.equal((await sendCode(person)).status, 202);
  const code = await usher.newestCode(phone_number);
  const [message] = usher.sandbox.mailbox.list({ to: phone_number, limit: 1 });
  assert.match(message?.text ?? "", /^\d{6} is your code to confirm this number\./);
  assert.ok((message?.text.length ?? 999) <= 160, "one part");
  const verified = await verify(person, code);
  assert.equal(verified.status, 200, verified.text);
  assert.equal(await isVerified(person), true);
  const { rows } = await sql<{ at: Date }>`
    select phone_verified_at as at from users where user_id = ${person.userId}`.execute(usher.db);
  assert.deepEqual(rows[0]?.at, usher.clock.now());
  const timeline = await usher.send("GET", `/users/${person.userId}/timeline`, { token: person.token });
  const actions = timeline.body.entries.map((entry: { action: string }) => entry.action);
  assert.deepEqual(actions.slice(0, 2), ["user.phone-verified", "user.phone-code-sent"]);
});

test("the mailbox finds text messages by number, the + of an address bar included", async () => {
  const phone_number = newNumber();
  const person = await usher.createPerson({ phone_number });
  await sendCode(person);
  await usher.jobs.drain();
  for (const to of [phone_number, encodeURIComponent(phone_number), phone_number.slice(1)]) {
    const { body } = await usher.send("GET", `/sandbox/mailbox?to=${to}`);
    assert.match(body.messages[0]?.code, /^\d{6}$/, to);
  }
});

test("changing the number clears the flag, and a code for the old number does not confirm the new one", async () => {
  const [first, second] = [newNumber(), newNumber()];
  const person = await usher.createPerson({ phone_number: first });
  const change = (phone_number: string) =>
    usher.send("PUT", `/users/${person.userId}`, { token: person.token, body: { phone_number } });
  await sendCode(person);
  const code = await usher.newestCode(first);
  await change(second);
  assert.equal(errorOf(await verify(person, code)), "400 invalid-phone-code");
  await change(first);
  assert.equal((await verify(person, code)).status, 200);
  await change(second);
  assert.equal(await isVerified(person), false);
});

test("a confirmed number counts for one person; whoever else proves it is told so, and not whose it is", async () => {
  const phone_number = newNumber();
  const [owner, other] = [await usher.createPerson({ phone_number }), await usher.createPerson({ phone_number })];
  await sendCode(owner);
  assert.equal((await verify(owner, await usher.newestCode(phone_number))).status, 200);
  const asked = await sendCode(other);
  assert.equal(asked.status, 202, "asking tells nothing");
  const code = await usher.newestCode(phone_number);
  const taken = await verify(other, code);
  assert.equal(errorOf(taken), "409 phone-already-verified");
  assert.equal(taken.text.includes(owner.userId), false);
  assert.equal(errorOf(await verify(other, code)), "400 invalid-phone-code", "the code is used up");
});

test("a code counts for ten minutes, once and for five tries, and the newest only", async () => {
  const phone_number = newNumber();
  const person = await usher.createPerson({ phone_number });
  await sendCode(person);
  const old = await usher.newestCode(phone_number);
  usher.clock.advanceSeconds(61);
  await sendCode(person);
  const code = await usher.newestCode(phone_number);
  const wrong = code === "000000" ? "000001" : "000000";
  if (old !== code) assert.equal(errorOf(await verify(person, old)), "400 invalid-phone-code");
  for (let tries = 0; tries < 4; tries += 1)
    assert.equal(errorOf(await verify(person, wrong)), "400 invalid-phone-code");
  const outOfTries = await verify(person, old === code ? wrong : code);
  assert.equal(errorOf(outOfTries), "400 invalid-phone-code");
  usher.clock.advanceSeconds(900);
  const again = await usher.logIn(person.email);
  const later = { ...person, token: again.token };
  await sendCode(later);
  const late = await usher.newestCode(phone_number);
  usher.clock.advanceSeconds(601);
  assert.equal(errorOf(await verify(later, late)), "400 invalid-phone-code");
});

test("codes are budgeted: one a minute, three a number in a quarter of an hour, whoever asks", async () => {
  const phone_number = newNumber();
  const people: Person[] = [];
  while (people.length < 4) people.push(await usher.createPerson({ phone_number }));
  const [first] = people;
  assert.ok(first);
  assert.equal((await sendCode(first)).status, 202);
  const soon = await sendCode(first);
  assert.equal(errorOf(soon), "429 too-many-requests");
  assert.equal(soon.headers.get("retry-after"), "60");
  const answers = [];
  for (const person of people.slice(1)) answers.push(errorOf(await sendCode(person)));
  assert.deepEqual(answers, ["202 undefined", "202 undefined", "429 too-many-requests"]);
});

test("without a number there is nothing to confirm, and a confirmed one gets no second code", async () => {
  const person = await usher.createPerson();
  assert.equal(errorOf(await sendCode(person)), "409 phone-missing");
  assert.equal(errorOf(await verify(person, "123456")), "400 invalid-phone-code");
  const phone_number = newNumber();
  const other = await usher.createPerson({ phone_number });
  await sendCode(other);
  await verify(other, await usher.newestCode(phone_number));
  const before = usher.sandbox.mailbox.list({ to: phone_number }).length;
  assert.equal((await sendCode(other)).status, 202);
  await usher.jobs.drain();
  assert.equal(usher.sandbox.mailbox.list({ to: phone_number }).length, before);
});

test("a number that the provider refuses ends its message without a retry, and the log has only the provider's code", async () => {
  const person = await usher.createPerson({ phone_number: newNumber() });
  await sql`update users set phone_number = '+15005550001' where user_id = ${person.userId}`.execute(usher.db);
  assert.equal((await sendCode(person)).status, 202);
  await usher.jobs.drain();
  const { rows } = await sql<Record<string, unknown>>`
    select channel, status, failure, content, attempts from messages
    where user_id = ${person.userId} and template = 'phone-code'`.execute(usher.db);
  assert.deepEqual(rows, [{ channel: "sms", status: "failed", failure: "twilio 21211", content: null, attempts: 1 }]);
});

test("every invariant holds, and no number rests in a job, in clear in a message, or in the journal", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
  const { rows } = await sql<{ place: string }>`
    select 'job' as place from pgboss.job where data::text like '%23480312%'
    union all select 'message' from messages where content like '%23480312%'
    union all select 'journal' from journal_entries where canonical like '%23480312%'`.execute(usher.db);
  assert.deepEqual(rows, []);
});
