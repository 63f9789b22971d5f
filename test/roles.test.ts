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

const timelineOf = async (userId: string, token = admin) =>
  (await usher.send("GET", `/users/${userId}/timeline?limit=100`, { token })).body.entries;

test("roles follow the ladder: nobody grants more than they hold, to themselves, or over a higher one", async () => {
  const makeOperator = async (role: string) => {
    const person = await usher.createPerson();
    const body = { role, type: "internal-admin", reason: "test" };
    assert.equal((await usher.send("PUT", `/users/${person.userId}/role`, { token: admin, body })).status, 200);
    return person;
  };
  const [operator, peer, plain] = [
    await makeOperator("admin"),
    await makeOperator("admin"),
    await usher.createPerson(),
  ];
  const grant = (by: string, to: string, role: string, type?: string) =>
    usher.send("PUT", `/users/${to}/role`, { token: by, body: { role, ...(type ? { type } : {}), reason: "test" } });
  const refused = async (...order: Parameters<typeof grant>) =>
    assertProblem(await grant(...order), { status: 403, code: "grant-refused" }, order.slice(1).join(" "));
  await refused(operator.token, plain.userId, "super-admin");
  await refused(operator.token, plain.userId, "retail", "internal-admin");
  await refused(operator.token, operator.userId, "retail");
  await refused(operator.token, operator.userId, "super-admin");
  await refused(operator.token, peer.userId, "retail", "user");
  await refused(operator.token, (await usher.send("GET", "/auth/me", { token: admin })).body.userId, "retail");
  await refused(admin, (await usher.send("GET", "/auth/me", { token: admin })).body.userId, "retail");
  const low = await makeOperator("org-staff");
  await refused(low.token, plain.userId, "admin");
  for (const [role, type] of [
    ["freelancer", undefined],
    ["org-staff", "staff"],
    ["admin", "org-admin"],
    ["retail", "merchant"],
    ["retail", "user"],
  ] as const) {
    const answer = await grant(operator.token, plain.userId, role, type);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.user.role, role);
  }
  assert.equal((await grant(admin, peer.userId, "super-admin")).status, 200, "a super-admin makes another");
  assert.equal((await grant(admin, peer.userId, "retail", "user")).status, 200);
  const [newest] = await timelineOf(peer.userId);
  assert.deepEqual(newest.changes, {
    role: { before: "super-admin", after: "retail" },
    type: { before: "internal-admin", after: "user" },
  });
});

test("an operator registers somebody with rights, and is recorded as their creator", async () => {
  const email = "made.by.operator@example.com";
  const body = {
    email,
    fname: "Made",
    lname: "Byoperator",
    password: "another fine pass phrase",
    role: "org-staff",
    type: "staff",
  };
  const answer = await usher.send("POST", "/users/register", { token: admin, body });
  assert.equal(answer.status, 201, answer.text);
  const { userId } = (await usher.send("GET", "/auth/me", { token: admin })).body;
  assert.deepEqual(
    [answer.body.user.role, answer.body.user.type, answer.body.user.created_by],
    ["org-staff", "staff", userId],
  );
  const [registered] = await timelineOf(answer.body.user.user_id);
  assert.equal(registered.actor.id, userId);
});
