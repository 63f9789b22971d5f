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

const read = (userId: string, token = admin) => usher.send("GET", `/users/${userId}`, { token });
const timelineOf = async (userId: string, token = admin) =>
  (await usher.send("GET", `/users/${userId}/timeline?limit=100`, { token })).body.entries;

test("org_id joins as a plain member and wins over org_name; org_name makes the registrant its admin", async () => {
  const founder = await usher.createPerson({ org_name: " Founders Ltd " });
  const { org_id } = (await read(founder.userId)).body;
  const organisation = await usher.send("GET", `/organizations/${org_id}`, { token: founder.token });
  assert.deepEqual([organisation.body.name, organisation.body.status], ["Founders Ltd", "active"]);
  const joiner = await usher.register({ org_id: org_id.toUpperCase(), org_name: "Never Made Ltd" });
  const { body } = await usher.send("GET", `/organizations/${org_id}/members`, { token: founder.token });
  const roles = body.members.map(({ user_id, role }: { user_id: string; role: string }) => [user_id, role]);
  assert.deepEqual(roles, [
    [founder.userId, "admin"],
    [joiner.userId, "user"],
  ]);
  const made = await usher.db.selectFrom("organisations").select("name").where("name", "=", "Never Made Ltd").execute();
  assert.deepEqual(made, []);
});

test("an organisation's admins add, promote and remove members, page through them, and keep at least one admin", async () => {
  const boss = await usher.createPerson({ org_name: "Members Ltd" });
  const { org_id } = (await read(boss.userId)).body;
  const others = [await usher.createPerson(), await usher.createPerson()];
  const members = (method: string, body: object | undefined, query = "") =>
    usher.send(method, `/organizations/${org_id}/members${query}`, { token: boss.token, ...(body ? { body } : {}) });
  for (const { userId } of others) assert.equal((await members("POST", { user_id: userId, role: "user" })).status, 201);
  assertProblem(await members("POST", { user_id: others[0]?.userId, role: "staff" }), {
    status: 409,
    code: "already-a-member",
  });
  const first = (await members("GET", undefined, "?limit=2")).body;
  const second = (await members("GET", undefined, `?limit=2&last_evaluated_key=${first.last_evaluated_key}`)).body;
  assert.deepEqual(
    [...first.members, ...second.members].map(({ user_id }: { user_id: string }) => user_id),
    [boss.userId, ...others.map(({ userId }) => userId)],
  );
  assertProblem(await members("PUT", { user_id: boss.userId, role: "staff" }), {
    status: 409,
    code: "last-organisation-admin",
  });
  assertProblem(await members("DELETE", { user_id: boss.userId }), { status: 409, code: "last-organisation-admin" });
  assert.equal((await members("PUT", { user_id: others[0]?.userId, role: "admin" })).body.role, "admin");
  assert.equal((await members("DELETE", { user_id: boss.userId })).status, 200);
  assertProblem(await members("GET", undefined), { status: 403 }, "who has left sees nothing any more");
  assertProblem(
    await usher.send("DELETE", `/organizations/${org_id}/members`, { token: admin, body: { user_id: boss.userId } }),
    { status: 404, code: "member-not-found" },
  );
  const actions = (await timelineOf(boss.userId)).map(({ action }: { action: string }) => action);
  assert.equal(actions[0], "user.organisation-left");
});
