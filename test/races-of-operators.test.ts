import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type Person, password } from "./harness.ts";
import { tally, together } from "./people.ts";
import { contenders, makeRaceGround, type RaceGround } from "./race-ground.ts";

let ground: RaceGround;
let admin: string;
/** Two operators who may do everything. */
let operators: [Person, Person];

before(async () => {
  ground = await makeRaceGround(20);
  admin = await ground.usher.logInAdmin();
  operators = await makeOperators();
});
after(() => ground?.usher.stop());

test("64 deactivations of one user by two operators are one move", async () => {
  const { send, person, statusOf } = ground;
  const target = person();
  const tries = await together(contenders, (index) => {
    const { token, userId } = operators[index % 2 ? 0 : 1];
    return send("PUT", `/users/${target.userId}/deactivate`, { token, body: { updated_by: userId, reason: "raced" } });
  });
  assert.deepEqual(tally(tries), { 200: 1, "409 illegal-move": contenders - 1 });
  assert.equal(await statusOf(target), "inactive");
});

test("operators who pull one user in many directions are obeyed or refused, one after the other", async () => {
  const { send, person } = ground;
  const target = person();
  const directions = ["active", "rejected", "not_verified", "pending_verification", "blocked", "inactive"];
  const tries = await together(contenders, (index) => {
    const body = { status: directions[index % directions.length], reason: "raced" };
    return send("PUT", `/users/${target.userId}/status`, { token: operators[index % 2 ? 0 : 1].token, body });
  });
  const { 200: obeyed = 0, "409 illegal-move": refused = 0 } = tally(tries);
  assert.equal(obeyed + refused, contenders, JSON.stringify(tally(tries)));
  assert.ok(obeyed > 0);
});

test("a change of role and a deactivation in the midst of refreshes both stand, and no log-in is left", async () => {
  const { send, person, usher } = ground;
  const target = person();
  const { userId, refreshToken } = target;
  const role = { role: "freelancer", reason: "raced" };
  await together(contenders, (index) => {
    const { token, userId: updated_by } = operators[index % 2 ? 0 : 1];
    if (index === 32) return send("PUT", `/users/${userId}/deactivate`, { token, body: { updated_by } });
    if (index % 2) return send("PUT", `/users/${userId}/role`, { token, body: role });
    return send("POST", "/auth/refresh", { body: { refreshToken } });
  });
  const { rows } = await sql`select status, role from users where user_id = ${userId}`.execute(usher.db);
  assert.deepEqual(rows, [{ status: "inactive", role: "freelancer" }]);
  assert.equal((await send("GET", "/auth/me", { token: target.token })).body.errorCode, "account-inactive");
});

test("log-ins in the midst of a blocking leave none alive", async () => {
  const { send, person, ask } = ground;
  const target = person();
  const credentials = { email: target.email, password };
  const tries = await together(5, (index) =>
    index === 2
      ? send("PUT", `/users/${target.userId}/status`, { token: admin, body: { status: "blocked", reason: "raced" } })
      : send("POST", "/auth/login", { body: credentials }),
  );
  const { 200: succeeded = 0, "401 account-blocked": refused = 0 } = tally(tries);
  assert.equal(succeeded + refused, 5, JSON.stringify(tally(tries)));
  assert.equal(
    await ask(sql<{ value: number }>`select count(*)::int as value from oidc_records where user_id = ${target.userId}`),
    0,
  );
});

test("of two operators who deactivate each other, one stays", async () => {
  const { send, statusOf } = ground;
  const pair = await makeOperators();
  const tries = await together(contenders, (index) => {
    const [by, whom] = inTurn(pair, index);
    return send("PUT", `/users/${whom.userId}/deactivate`, { token: by.token, body: { updated_by: by.userId } });
  });
  assert.equal(tries.filter(({ status }) => status === 200).length, 1, JSON.stringify(tally(tries)));
  assert.deepEqual((await Promise.all(pair.map(statusOf))).sort(), ["inactive", "not_verified"]);
});

test("of two operators who take each other's rights away, one keeps them", async () => {
  const { send, ask } = ground;
  const pair = await makeOperators();
  const body = { role: "retail", type: "user", reason: "raced" };
  const tries = await together(contenders, (index) => {
    const [by, whom] = inTurn(pair, index);
    return send("PUT", `/users/${whom.userId}/role`, { token: by.token, body });
  });
  const ids = pair.map(({ userId }) => userId);
  const left = sql<{
    value: number;
  }>`select count(*)::int as value from users where user_id = any(${ids}::uuid[]) and type = 'internal-admin'`;
  assert.equal(await ask(left), 1, JSON.stringify(tally(tries)));
});

test("of two admins of an organisation who remove or demote each other, one stays", async () => {
  const { send, person, ask } = ground;
  const pair: [Person, Person] = [person(), person()];
  const [first, second] = pair;
  const made = await send("POST", "/organizations", {
    token: admin,
    body: { name: "Raced Ltd", admin_user_id: first.userId },
  });
  const members = `/organizations/${made.body.org_id}/members`;
  await send("POST", members, { token: first.token, body: { user_id: second.userId, role: "admin" } });
  const tries = await together(contenders, (index) => {
    const [by, whom] = inTurn(pair, index);
    return index % 4 < 2
      ? send("DELETE", members, { token: by.token, body: { user_id: whom.userId } })
      : send("PUT", members, { token: by.token, body: { user_id: whom.userId, role: "user" } });
  });
  assert.ok(
    tries.every(({ status }) => [200, 403, 404, 409].includes(status)),
    JSON.stringify(tally(tries)),
  );
  const admins = sql<{ value: number }>`
    select count(*)::int as value from organisation_members where org_id = ${made.body.org_id} and role = 'admin'`;
  assert.equal(await ask(admins), 1);
});

test("whoever is erased while being moved between organisations belongs to none, and nobody waits for ever", async () => {
  const { send, person, ask } = ground;
  const made = await together(2, (index) =>
    send("POST", "/organizations", { token: admin, body: { name: `Busy ${index} Ltd` } }),
  );
  const [one, two] = made.map(({ body }) => `/organizations/${body.org_id}/members`) as [string, string];
  const leaving = Array.from({ length: 4 }, person);
  // Joined in different orders, so that erasures which took them in that order would wait for each other.
  for (const [index, { userId }] of leaving.entries()) {
    for (const members of index % 2 ? [one, two] : [two, one]) {
      await send("POST", members, { token: admin, body: { user_id: userId, role: "user" } });
    }
  }
  const [{ token: first }, { token: second }] = operators;
  await Promise.all(
    leaving.flatMap(({ userId, token }) => [
      send("DELETE", one, { token: first, body: { user_id: userId } }),
      send("DELETE", `/users/${userId}`, { token }),
      send("POST", one, { token: second, body: { user_id: userId, role: "staff" } }),
      send("DELETE", two, { token: second, body: { user_id: userId } }),
    ]),
  );
  const ids = leaving.map(({ userId }) => userId);
  const left = sql<{
    value: number;
  }>`select count(*)::int as value from organisation_members where user_id = any(${ids}::uuid[])`;
  assert.equal(await ask(left), 0);
});

test("after all these races no server failed and every invariant holds", () => ground.assertWhole());

/** Two people who have just become operators. */
async function makeOperators(): Promise<[Person, Person]> {
  const pair: [Person, Person] = [ground.person(), ground.person()];
  for (const { userId } of pair) {
    const body = { role: "super-admin", type: "internal-admin", reason: "operator" };
    const granted = await ground.send("PUT", `/users/${userId}/role`, { token: admin, body });
    assert.equal(granted.status, 200, granted.text);
  }
  return pair;
}

function inTurn([first, second]: [Person, Person], index: number): [by: Person, whom: Person] {
  return index % 2 ? [first, second] : [second, first];
}
