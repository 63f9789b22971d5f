import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let admin: string;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
});
after(() => usher.stop());

const read = (userId: string, token = admin) => usher.send("GET", `/users/${userId}`, { token });
const setStatus = async (person: Person, status: string) => {
  const answer = await usher.send("PUT", `/users/${person.userId}/status`, {
    token: admin,
    body: { status, reason: "test" },
  });
  assert.equal(answer.status, 200, answer.text);
};

test("the list is newest first, filtered, counted and paged without gap or repeat", async () => {
  const { body: made } = await usher.send("POST", "/organizations", { token: admin, body: { name: "List Ltd" } });
  const members: string[] = [];
  for (const lname of ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"])
    members.unshift((await usher.register({ org_id: made.org_id, lname })).userId);
  const list = async (query: string) => (await usher.send("GET", `/users/list?${query}`, { token: admin })).body;
  const whole = await list(`org_id=${made.org_id}&limit=100`);
  assert.deepEqual(
    whole.users.map(({ user_id }: { user_id: string }) => user_id),
    members,
  );
  assert.deepEqual([whole.count, whole.total, whole.total_is_estimate, whole.last_evaluated_key], [5, 5, false, null]);
  const paged: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: { users: { user_id: string }[]; count: number; total: number; last_evaluated_key: string | null } =
      await list(`org_id=${made.org_id}&limit=2${cursor ? `&last_evaluated_key=${cursor}` : ""}`);
    assert.deepEqual([page.total, page.count], [5, page.users.length]);
    paged.push(...page.users.map(({ user_id }) => user_id));
    cursor = page.last_evaluated_key;
    await usher.register();
  }
  assert.deepEqual(paged, members);
  const count = async (query: string) => (await list(`org_id=${made.org_id}&${query}`)).total;
  assert.equal(await count("status=pending"), 5);
  assert.equal(await count("status=active"), 0);
  assert.equal(await count("role=retail&type=user"), 5);
  assert.equal(await count("role=super-admin"), 0);
  assert.equal(await count("q=gam"), 1);
  assert.equal(await count("q=GAMMA"), 1);
  assert.equal(await count("q=Okafor"), 0, "the start of a name, not any part of it");
  await Promise.all(["a", "b"].map(() => usher.register()));
  assert.equal((await list("")).count, 10, "ten are shown where nothing is said");
});

test("blocked and closed users are listed under PCX's inactive, with the full word beside it; erased ones not at all", async () => {
  const people = [
    await usher.createPerson({ lname: "Statefilter" }),
    await usher.createPerson({ lname: "Statefilter" }),
    await usher.createPerson({ lname: "Statefilter" }),
    await usher.createPerson({ lname: "Statefilter" }),
  ];
  const [blocked, closed, inactive, erased] = people as [Person, Person, Person, Person];
  await setStatus(blocked, "blocked");
  await setStatus(closed, "closed");
  await setStatus(inactive, "inactive");
  assert.equal((await usher.send("DELETE", `/users/${erased.userId}`, { token: erased.token })).status, 200);
  const { body } = await usher.send("GET", "/users/list?q=statefilter&status=inactive", { token: admin });
  assert.deepEqual(body.users.map(({ lifecycle }: { lifecycle: string }) => lifecycle).sort(), [
    "blocked",
    "closed",
    "inactive",
  ]);
  assert.ok(body.users.every(({ status }: { status: string }) => status === "inactive"));
  assert.equal((await usher.send("GET", "/users/list?q=statefilter", { token: admin })).body.total, 3);
});

test("an org-admin lists and reads the own organisation's users only, whatever is asked for", async () => {
  const boss = await usher.createPerson({ org_name: "Scope A" });
  const { org_id } = (await read(boss.userId)).body;
  const member = await usher.register({ org_id });
  const stranger = await usher.createPerson({ org_name: "Scope B" });
  const foreign = (await read(stranger.userId)).body.org_id;
  const list = async (query: string) => (await usher.send("GET", `/users/list?${query}`, { token: boss.token })).body;
  const mine = await list("limit=100");
  assert.deepEqual(
    mine.users.map(({ user_id }: { user_id: string }) => user_id).sort(),
    [boss.userId, member.userId].sort(),
  );
  assert.equal(mine.total, 2, "the total counts what may be seen");
  assert.deepEqual([(await list(`org_id=${foreign}`)).total, (await list(`q=${stranger.email}`)).total], [0, 0]);
  const plain = await usher.createPerson({ org_id });
  assertProblem(await usher.send("GET", "/users/list", { token: plain.token }), { status: 403 });
  const gone = await usher.send("DELETE", `/organizations/${org_id}/members`, {
    token: boss.token,
    body: { user_id: member.userId },
  });
  assert.equal(gone.status, 200, gone.text);
  assertProblem(await read(member.userId, boss.token), { status: 403 });
  assert.equal((await read(member.userId)).body.org_id, null);
});
