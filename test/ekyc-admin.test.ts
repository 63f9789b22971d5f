import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { permissionNames } from "../src/features/access/index.ts";
import { getServiceToken, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

const nobody = "01900000-0000-7000-8000-00000000dead";
let usher: TestUsher;
let operator: string;
let service: string;
before(async () => {
  usher = await startUsher();
  operator = await usher.logInAdmin();
  service = await usher.createServiceToken(operator, permissionNames);
});
after(() => usher.stop());

const list = (query = "") => usher.send("GET", `/ekyc/admin${query}`, { token: service });
const start = (userId: string, body?: unknown, headers?: Record<string, string>) =>
  usher.send("POST", `/ekyc/admin/${userId}/sessions`, { token: service, body, ...(headers ? { headers } : {}) });

test("a service starts a person's verification and follows it to the end; links are shown on creation only", async () => {
  const person = await usher.createPerson();
  const before_ = await usher.send("GET", `/ekyc/admin/${person.userId}/status`, { token: service });
  assert.deepEqual([before_.status, before_.body.total_sessions, before_.body.verification], [200, 0, null]);
  assertProblem(await usher.send("GET", `/ekyc/admin/${person.userId}/sessions`, { token: service }), {
    status: 404,
    code: "no-ekyc-sessions",
  });
  const started = await start(person.userId);
  assert.equal(started.status, 200, started.text);
  assert.deepEqual(Object.keys(started.body).sort(), [
    "creation_date",
    "id",
    "modified_date",
    "original_request",
    "sessionToken",
    "status",
    "url",
  ]);
  const own = await usher.send("GET", "/ekyc/me/sessions", { token: person.token });
  assert.equal(Object.values<{ id: string }>(own.body.sessions)[0]?.id, started.body.id);
  const read = await usher.send("GET", `/ekyc/admin/${person.userId}/sessions`, { token: service });
  assert.equal(read.body.id, person.userId);
  const listed = await list();
  for (const answer of [read, listed]) {
    assert.ok(answer.text.includes(started.body.id));
    assert.ok(!/sessionToken|"url"/.test(answer.text));
  }
  await usher.playVeriff(started.body.id, "approve");
  await usher.jobs.drain();
  const gate = await usher.send("GET", `/User/${person.id}/status`, { token: service });
  assert.equal(gate.status, 200, gate.text);
});

test("the list is an array in a stable order, page by page", async () => {
  const people = [];
  for (let index = 0; index < 5; index++) people.push(await usher.createPerson());
  for (const person of people.toReversed()) assert.equal((await start(person.userId)).status, 200);
  const all = (await list()).body as { id: string }[];
  assert.deepEqual(
    all.slice(-5).map(({ id }) => id),
    people.map(({ userId }) => userId).toReversed(),
  );
  await start(people[4]?.userId ?? "", { restart: true });
  const paged = [];
  for (let from = 0; from < all.length; from += 2) paged.push(...(await list(`?limit=2&start=${from}`)).body);
  assert.deepEqual(
    paged.map(({ id }: { id: string }) => id),
    all.map(({ id }) => id),
  );
  assert.deepEqual((await list("?start=2147483647")).body, []);
  // As the version before leaves its rows, while both serve.
  await usher.db.updateTable("kyc_sessions").set({ is_first: null }).execute();
  assert.deepEqual((await list()).body, (await list("?limit=1024&start=0")).body);
  assert.deepEqual(
    (await list()).body.map(({ id }: { id: string }) => id),
    all.map(({ id }) => id),
  );
});

test("limit and start outside their bounds are 400 naming the field", async () => {
  for (const [query, field] of [
    ["?limit=0", "limit"],
    ["?limit=1025", "limit"],
    ["?limit=-1", "limit"],
    ["?limit=1.5", "limit"],
    ["?limit=", "limit"],
    ["?limit=01", "limit"],
    ["?limit=1&limit=2", "limit"],
    ["?start=-1", "start"],
    ["?start=2147483648", "start"],
    ["?start=9e3", "start"],
    ["?page=1", "page"],
  ] as const) {
    const answer = await list(query);
    assertProblem(answer, { status: 400, code: "invalid-request" });
    assert.deepEqual(Object.keys(answer.body.errors), [field], query);
  }
});

test("creating is refused for whom and what it must be", async () => {
  assertProblem(await start(nobody), { status: 404, code: "user-not-found" });
  assertProblem(await start("nobody"), { status: 400 });
  const child = await usher.createPerson({ date_of_birth: "2024-01-01" });
  assertProblem(await start(child.userId), { status: 400, code: "below-minimum-age" });
  const person = await usher.createPerson();
  for (const body of [
    { userId: nobody },
    { purpose: "all" },
    { callback: "https://elsewhere.example/x" },
    { restart: "no" },
  ])
    assertProblem(await start(person.userId, body), { status: 400, code: "invalid-request" });
  assertProblem(await usher.send("GET", `/ekyc/admin/${nobody}/status`, { token: service }), { status: 404 });
});

test("a service account brings callback origins of its own", async () => {
  const callback_origins = ["https://shop.example.com"];
  const body = { name: "Shop", permissions: ["ekyc.session.create"], callback_origins };
  const made = await usher.send("POST", "/service-accounts", { token: operator, body });
  const token = (await getServiceToken(usher.send, made.body)).body.access_token;
  const person = await usher.createPerson();
  const request = { callback: "https://shop.example.com/back" };
  const path = `/ekyc/admin/${person.userId}/sessions`;
  assertProblem(await usher.send("POST", path, { token: service, body: request }), { status: 400 });
  const started = await usher.send("POST", path, { token, body: request });
  assert.equal(started.status, 200, started.text);
  assert.equal(started.body.original_request.callback, request.callback);
  for (const wrong of ["http://shop.example.com", "https://shop.example.com/", "https://SHOP.example.com", "*"]) {
    const answer = await usher.send("POST", "/service-accounts", {
      token: operator,
      body: { ...body, callback_origins: [wrong] },
    });
    assertProblem(answer, { status: 400, code: "invalid-request" });
    assert.ok("callback_origins" in answer.body.errors);
  }
});

test("a repeat with the same Idempotency-Key gets the same session, also of a service", async () => {
  const person = await usher.createPerson();
  const key = { "idempotency-key": "start-1" };
  const [first, again] = [
    await start(person.userId, { restart: true }, key),
    await start(person.userId, { restart: true }, key),
  ];
  assert.deepEqual([first.status, again.status], [200, 200]);
  assert.equal(first.body.id, again.body.id);
});

test("OpenAPI lists the permission of each operation", async () => {
  const { body } = await usher.send("GET", "/openapi.json");
  const scopesOf = (path: string, method: string) =>
    body.paths[path][method].security.find((entry: object) => "OAuth2authorizationCode" in entry)
      ?.OAuth2authorizationCode;
  assert.deepEqual(scopesOf("/ekyc/admin", "get"), ["ekyc.session.list"]);
  assert.deepEqual(scopesOf("/ekyc/admin/{userId}/sessions", "post"), ["ekyc.session.create"]);
  assert.deepEqual(scopesOf("/User/{id}/status", "get"), ["users.status.get"]);
});
