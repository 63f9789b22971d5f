import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Person, type SendOptions, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let admin: string;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
});
after(() => usher.stop());

const read = (userId: string, token = admin) => usher.send("GET", `/users/${userId}`, { token });
const change = (person: Person, body: object, options: SendOptions = {}) =>
  usher.send("PUT", `/users/${person.userId}`, { token: person.token, body, ...options });
const setStatus = async (person: Person, status: string) => {
  const answer = await usher.send("PUT", `/users/${person.userId}/status`, {
    token: admin,
    body: { status, reason: "test" },
  });
  assert.equal(answer.status, 200, answer.text);
};
const timelineOf = async (userId: string, token = admin) =>
  (await usher.send("GET", `/users/${userId}/timeline?limit=100`, { token })).body.entries;

test("a user is read with PCX's fields and ours, and carries an entity tag", async () => {
  const person = await usher.createPerson({
    country: "ng",
    phone_number: "08031234567",
    address: " 12 Marina Road ",
    id_type: "passport",
    id_number: "a1234567",
  });
  const { status, body, headers } = await read(person.userId, person.token);
  assert.equal(status, 200);
  assert.match(headers.get("etag") ?? "", /^"[\w-]+"$/);
  assert.equal(headers.get("cache-control"), "no-store");
  const expected = {
    user_id: person.userId, id: person.id, email: person.email, fname: "Ada", lname: "Okafor", date_of_birth: "1990-05-17", role: "retail", type: "user",
    status: "not_verified", lifecycle: "not_verified", phone_number: "+2348031234567", address: "12 Marina Road", country: "NG", id_type: "passport", id_number: "••••••67",
    additional_id_number: null, created_by: null, org_id: null, org_ids: [], kyc_session_id: null, accountType: "standard", cognito_username: null,
  }; // biome-ignore format: one glance
  for (const [field, value] of Object.entries(expected)) assert.deepEqual(body[field], value, field);
});

test("fields present change, absent ones stay, null clears", async () => {
  const person = await usher.createPerson();
  const first = await change(person, {
    city: " Lagos ",
    region: "Lagos State",
    postalCode: "100001",
    address2: "Flat 2",
  });
  assert.equal(first.status, 200, first.text);
  assert.deepEqual([first.body.user.city, first.body.user.postalCode], ["Lagos", "100001"]);
  const second = await change(person, { city: null, fname: "Adaeze" });
  const { city, region, fname, lname } = second.body.user;
  assert.deepEqual(
    { city, region, fname, lname },
    { city: null, region: "Lagos State", fname: "Adaeze", lname: "Okafor" },
  );
  const nothing = await change(person, {});
  assert.equal(nothing.status, 200);
  assert.deepEqual(nothing.body.user, second.body.user, "an empty change changes nothing, not even the time");
});

test("a change of the same values is no change: no journal entry, the same tag", async () => {
  const person = await usher.createPerson({ id_type: "passport", id_number: "B7654321" });
  const before = await read(person.userId);
  const entries = (await timelineOf(person.userId)).length;
  const same = await change(person, { fname: "Ada", date_of_birth: "1990-05-17", id_number: " b7654321".trim() });
  assert.equal(same.status, 200);
  assert.equal(same.headers.get("etag"), before.headers.get("etag"));
  assert.equal((await timelineOf(person.userId)).length, entries);
});

test("a phone number is kept in E.164, and changing a verified one takes its flag away", async () => {
  const person = await usher.createPerson();
  await usher.db
    .updateTable("users")
    .set({ phone_number: "+2348030000001", phone_verified_at: usher.clock.now() })
    .where("user_id", "=", person.userId)
    .execute();
  const gate = async () =>
    (await usher.send("GET", `/User/${person.id}/status`, { token: person.token })).body.isPhoneNumberVerified;
  assert.equal(await gate(), true);
  assert.equal((await change(person, { phone_number: "0803 000 0001", country: "NG" })).status, 200);
  assert.equal(await gate(), true, "the same number, written otherwise, stays verified");
  assert.equal((await change(person, { phone_number: "+44 20 7946 0958" })).body.user.phone_number, "+442079460958");
  assert.equal(await gate(), false);
});

test("name and documents of an active user are closed to the user, and an operator's change leads to a new verification", async () => {
  const person = await usher.createPerson({ id_type: "passport", id_number: "C1111111" });
  await setStatus(person, "active");
  for (const [field, value] of Object.entries({
    fname: "Other",
    lname: null,
    id_type: "other",
    id_number: "C2222222",
    additional_id_number: "D3333333",
  })) {
    assertProblem(
      await change(person, { [field]: value, city: "Abuja" }),
      { status: 409, code: "verified-data-locked", field },
      field,
    );
  }
  assert.equal((await read(person.userId)).body.city, null, "nothing of a refused change is kept");
  assert.equal(
    (await change(person, { city: "Abuja", fname: "Ada" })).body.user.lifecycle,
    "active",
    "the rest may change, and repeating is no change",
  );
  const byOperator = await change(person, { lname: "Okafor-Bello" }, { token: admin });
  assert.equal(byOperator.body.user.lifecycle, "pending_verification");
  assert.equal((await usher.send("GET", `/User/${person.id}/status`, { token: admin })).body.status, 150);
  const actions = (await timelineOf(person.userId)).map(({ action }: { action: string }) => action);
  assert.deepEqual(actions.slice(0, 2), ["user.document-changed", "user.profile-changed"]);
});

test("an operator's change of the own name is refused like anybody's", async () => {
  const operator = await usher.createPerson();
  await setStatus(operator, "active");
  const grant = await usher.send("PUT", `/users/${operator.userId}/role`, {
    token: admin,
    body: { role: "admin", type: "internal-admin", reason: "test" },
  });
  assert.equal(grant.status, 200, grant.text);
  assertProblem(await change(operator, { fname: "Renamed" }), { status: 409, code: "verified-data-locked" });
});

test("the date of birth is open until the first approval, and closed after it for everybody", async () => {
  const person = await usher.createPerson();
  assert.equal((await change(person, { date_of_birth: "1991-01-01" })).body.user.date_of_birth, "1991-01-01");
  await usher.db
    .updateTable("users")
    .set({ kyc_first_approved_at: usher.clock.now() })
    .where("user_id", "=", person.userId)
    .execute();
  for (const token of [person.token, admin]) {
    assertProblem(await change(person, { date_of_birth: "1992-01-01" }, { token }), {
      status: 409,
      field: "date_of_birth",
    });
  }
  assert.equal((await change(person, { date_of_birth: "1991-01-01" })).status, 200, "repeating it is no change");
});

test("If-Match lets the first of two changes through and refuses the second", async () => {
  const person = await usher.createPerson();
  const etag = (await read(person.userId)).headers.get("etag") ?? "";
  const first = await change(person, { city: "Lagos" }, { headers: { "if-match": etag } });
  assert.equal(first.status, 200);
  const current = first.headers.get("etag") ?? "";
  assert.notEqual(current, etag);
  assert.equal((await read(person.userId)).headers.get("etag"), current, "the answer to a change carries the new tag");
  assertProblem(await change(person, { city: "Abuja" }, { headers: { "if-match": etag } }), { status: 412 });
  assert.equal((await change(person, { city: "Abuja" }, { headers: { "if-match": `"x", ${current}` } })).status, 200);
  assert.equal((await change(person, { city: "Kano" }, { headers: { "if-match": "*" } })).status, 200);
  const status = await usher.send("PUT", `/users/${person.userId}/status`, {
    token: admin,
    headers: { "if-match": current },
    body: { status: "active", reason: "r" },
  });
  assertProblem(status, { status: 412 });
});

test("an e-mail address that was used once cannot be taken in another case or with blanks", async () => {
  const person = await usher.register();
  const again = {
    email: ` ${person.email.toUpperCase()} `,
    fname: "Other",
    lname: "Person",
    password: "another fine pass phrase",
  };
  assertProblem(await usher.send("POST", "/users/register", { body: again }), {
    status: 409,
    code: "email-already-exists",
  });
});

test("the timeline tells a person what happened, and operators also who did it and why", async () => {
  const person = await usher.createPerson();
  await change(person, { city: "Lagos", fname: "Adaeze" });
  const body = { status: "active", reason: "Seen in person" };
  assert.equal((await usher.send("PUT", `/users/${person.userId}/activate`, { token: admin, body })).status, 200);
  const own = await timelineOf(person.userId, person.token);
  const actions = [
    "user.set-active",
    "user.profile-changed",
    "user.logged-in",
    "user.email-confirmed",
    "user.registered",
  ];
  assert.deepEqual(
    own.map(({ action }: { action: string }) => action),
    actions,
  );
  assert.ok(own.every((entry: object) => !("actor" in entry) && "reason" in entry && entry.reason === null));
  assert.deepEqual(own[0].changes, { status: { before: "not_verified", after: "active" } });
  assert.deepEqual(own[1].changed_fields.sort(), ["city", "fname"]);
  const full = await timelineOf(person.userId);
  assert.deepEqual([full[0].reason, full[0].actor.kind], ["Seen in person", "user"]);
  assert.deepEqual(full[1].actor, { kind: "user", id: person.userId });
  assert.ok(!JSON.stringify(full).includes("Adaeze"), "values stay sealed: only the fields are named");
});

test("the timeline is paged without gap or repeat while new entries come in", async () => {
  const person = await usher.createPerson();
  for (const city of ["A", "B", "C", "D", "E"]) await change(person, { city });
  const whole = (await timelineOf(person.userId)).map(({ entry_id }: { entry_id: string }) => entry_id);
  const paged: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor ? `&last_evaluated_key=${cursor}` : "";
    const { body } = await usher.send("GET", `/users/${person.userId}/timeline?limit=2${query}`, { token: admin });
    paged.push(...body.entries.map(({ entry_id }: { entry_id: string }) => entry_id));
    cursor = body.last_evaluated_key;
    await change(person, { city: `new ${paged.length}` });
  }
  assert.deepEqual(paged, whole);
});

test("a person erases themselves: log-ins end, writes find nobody, reads show an empty closed record, the address is free", async () => {
  const person = await usher.createPerson({ org_name: "Left Behind Ltd" });
  const { org_id } = (await read(person.userId)).body;
  const erased = await usher.send("DELETE", `/users/${person.userId}`, { token: person.token });
  assert.deepEqual([erased.status, erased.body], [200, { message: "User erased successfully" }]);
  assertProblem(await usher.send("GET", "/auth/me", { token: person.token }), { status: 401, code: "account-closed" });
  assertProblem(await usher.send("POST", "/auth/refresh", { body: { refreshToken: person.refreshToken } }), {
    status: 401,
  });
  assertProblem(
    await usher.send("POST", "/auth/login", {
      body: { email: person.email, password: "correct horse battery staple" },
    }),
    { status: 401, code: "invalid-credentials" },
  );
  const shown = (await read(person.userId)).body;
  assert.deepEqual(
    [shown.lifecycle, shown.status, shown.email, shown.fname, shown.org_ids, shown.id],
    ["closed", "inactive", null, null, [], person.id],
  );
  for (const [method, place, body] of [
    ["PUT", "", { city: "x" }],
    ["DELETE", "", undefined],
    ["PUT", "/status", { status: "active", reason: "r" }],
    ["PUT", "/role", { role: "retail", reason: "r" }],
  ] as const) {
    assertProblem(
      await usher.send(method, `/users/${person.userId}${place}`, { token: admin, ...(body ? { body } : {}) }),
      { status: 404, code: "user-not-found" },
      place,
    );
  }
  assertProblem(
    await usher.send("POST", `/organizations/${org_id}/members`, {
      token: admin,
      body: { user_id: person.userId, role: "user" },
    }),
    { status: 404 },
  );
  const again = await usher.send("POST", "/users/register", {
    body: { email: person.email, fname: "New", lname: "Person", password: "another fine pass phrase" },
  });
  assert.equal(again.status, 201, again.text);
});

test("deactivation wants the caller's own id, answers the reason, and says what PCX says", async () => {
  const person = await usher.createPerson();
  const { userId } = (await usher.send("GET", "/auth/me", { token: admin })).body;
  const deactivate = (body: object) => usher.send("PUT", `/users/${person.userId}/deactivate`, { token: admin, body });
  assertProblem(await deactivate({ updated_by: person.userId }), { status: 400, field: "updated_by" });
  assertProblem(await deactivate({ updated_by: "admin@usher.example" }), { status: 400, field: "updated_by" });
  const answer = await deactivate({ updated_by: userId.toUpperCase(), reason: "Asked for it" });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.body.reason, answer.body.user.status], ["Asked for it", "inactive"]);
  assert.equal((await usher.send("GET", `/User/${person.id}/status`, { token: admin })).body.status, 300);
  const back = await usher.send("PUT", `/users/${person.userId}/activate`, {
    token: admin,
    body: { status: "not_verified" },
  });
  assert.deepEqual([back.status, back.body.user.lifecycle], [200, "not_verified"]);
});

test("the gate explains itself on demand and has exactly six fields otherwise", async () => {
  const person = await usher.createPerson();
  const plain = await usher.send("GET", `/User/${person.id}/status?explain=false`, { token: person.token });
  assert.deepEqual(plain.body, {
    isEmailVerified: true,
    isPhoneNumberVerified: false,
    isScaVerified: false,
    isAdditionalData: false,
    isOptionalKyc: false,
    status: 50,
  });
  const explained = await usher.send("GET", `/User/${person.id}/status?explain=true`, { token: person.token });
  assert.deepEqual(
    explained.body.nextSteps.map(({ step }: { step: string }) => step),
    ["verify-identity", "verify-phone", "enrol-second-factor", "answer-questionnaire"],
  );
  assert.equal(explained.body.reasons.length, 1);
});
