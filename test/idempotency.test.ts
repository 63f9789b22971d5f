import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let admin: string;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
});
after(() => usher.stop());

test("a repeated creation of an organisation with the same key makes one", async () => {
  const ask = (name: string) =>
    usher.send("POST", "/organizations", { token: admin, headers: { "idempotency-key": "org-1" }, body: { name } });
  const [first, second] = [await ask("Once Ltd"), await ask("Once Ltd")];
  assert.deepEqual([first.status, second.status, second.body], [201, 201, first.body]);
  assertProblem(await ask("Twice Ltd"), { status: 422 });
  const made = await usher.db
    .selectFrom("organisations")
    .select("name")
    .where("name", "in", ["Once Ltd", "Twice Ltd"])
    .execute();
  assert.deepEqual(made, [{ name: "Once Ltd" }]);
});

test("a repeated registration with the same key gives the first answer; with another body it is refused", async () => {
  const body = { email: "once@example.com", fname: "Once", lname: "Only", password: "another fine pass phrase" };
  const headers = { "idempotency-key": "once-1" };
  const first = await usher.send("POST", "/users/register", { body, headers });
  assert.equal(first.status, 201, first.text);
  const second = await usher.send("POST", "/users/register", { body, headers });
  assert.deepEqual([second.status, second.body], [201, first.body]);
  const other = await usher.send("POST", "/users/register", { body: { ...body, fname: "Twice" }, headers });
  assertProblem(other, { status: 422, code: "idempotency-key-reused" });
  usher.clock.advanceSeconds(24 * 3600 + 1);
  assertProblem(await usher.send("POST", "/users/register", { body, headers }), {
    status: 409,
    code: "email-already-exists",
  });
});

test("of 16 parallel copies with one key, one deed is done and all get its answer", async () => {
  const body = { email: "parallel@example.com", fname: "Par", lname: "Allel", password: "another fine pass phrase" };
  const headers = { "idempotency-key": "parallel-1" };
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => usher.send("POST", "/users/register", { body, headers })),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(new Set(answers.map((answer) => answer.body.user.user_id)).size, 1);
});

test("a key belongs to its caller: another caller's same key is another request", async () => {
  const [first, second] = [await usher.createPerson(), await usher.createPerson()];
  const headers = { "idempotency-key": "mine" };
  const start = ({ token }: { token: string }) => usher.send("POST", "/ekyc/me/sessions", { token, body: {}, headers });
  const [one, again, other] = [await start(first), await start(first), await start(second)];
  assert.deepEqual([one.status, again.status, other.status], [200, 200, 200], other.text);
  assert.equal(again.body.id, one.body.id);
  assert.notEqual(other.body.id, one.body.id);
});

test("a refused request is not remembered: the same key may be tried again", async () => {
  const headers = { "idempotency-key": "second-try" };
  const body = { email: "second.try@example.com", fname: "Second", lname: "Try", password: "password" };
  assertProblem(await usher.send("POST", "/users/register", { body, headers }), { status: 400 });
  const better = { ...body, password: "another fine pass phrase" };
  assert.equal((await usher.send("POST", "/users/register", { body: better, headers })).status, 201);
});
