import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Answer, type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let person: Person;
let other: Person;
before(async () => {
  usher = await startUsher({ RATE_LIMITS: "on" });
  person = await usher.createPerson();
  other = await usher.createPerson();
});
after(() => usher.stop());

/** Asks until the budget is spent; the answers so far, the refusal last. */
async function exhaust(ask: () => Promise<Answer>, most: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < most && answers.at(-1)?.status !== 429) answers.push(await ask());
  return answers;
}

test("a caller has 100 requests a minute, is told how many are left, and then when to come back", async () => {
  const me = (who: Person) => usher.send("GET", "/auth/me", { token: who.token });
  const answers = await exhaust(() => me(person), 150);
  const [first, last] = [answers[0], answers.at(-1)] as [Answer, Answer];
  assert.deepEqual([first.headers.get("ratelimit-limit"), first.headers.get("ratelimit-remaining")], ["100", "99"]);
  assert.equal(answers.length, 101);
  assertProblem(last, { status: 429, code: "too-many-requests" });
  const seconds = Number(last.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  assert.equal(last.headers.get("ratelimit-remaining"), "0");
  assert.equal((await me(other)).status, 200, "one caller does not use up another's budget");
});

test("the gate and the probes have budgets of their own", async () => {
  assert.equal((await usher.send("GET", `/User/${person.id}/status`, { token: person.token })).status, 200);
  for (let count = 0; count < 150; count += 1) assert.equal((await usher.send("GET", "/livez")).status, 200);
});

test("who guesses tokens is slowed down by address, before any token is looked at", async () => {
  const answers = await exhaust(() => usher.send("GET", "/auth/me", { token: "a.b.c" }), 150);
  assert.equal(answers.length, 101);
  assertProblem(answers.at(-1) as Answer, { status: 429 });
  assert.equal(
    (await usher.send("GET", `/User/${other.id}/status`, { token: other.token })).status,
    200,
    "good tokens still count",
  );
});

test("sign-up and log-in have a small budget for each address", async () => {
  const answers = await exhaust(() => usher.send("POST", "/users/confirm", { body: {} }), 60);
  assert.ok(answers.length <= 31, `${answers.length}`);
  const last = answers.at(-1) as Answer;
  assertProblem(last, { status: 429 });
  assert.ok(last.headers.get("retry-after"));
  assert.equal(last.headers.get("ratelimit-limit"), "30");
});

test("who tries out paths that are not there is slowed down by address", async () => {
  const answers = await exhaust(() => usher.send("GET", `/admin/${Math.random()}`), 150);
  assertProblem(answers[0] as Answer, { status: 404, code: "not-found" });
  assert.ok(answers.length <= 101, `${answers.length}`);
  assertProblem(answers.at(-1) as Answer, { status: 429, code: "too-many-requests" });
});
