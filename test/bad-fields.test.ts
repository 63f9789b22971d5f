import assert from "node:assert/strict";
import { test } from "node:test";
import { standOnBadGround } from "./bad-ground.ts";
import { password } from "./harness.ts";
import { assertProblem } from "./problem.ts";

const ground = standOnBadGround();

test("nobody writes what belongs to the server: ids, status, flags, times and rights are refused on every write", async (t) => {
  const forbidden = {
    id: 1, user_id: ground.adminId, userId: ground.adminId, status: "active", lifecycle: "active", status_before: "active", status_by: "operator", email_verified_at: "2020-01-01T00:00:00Z",
    isEmailVerified: true, isSuperAdmin: true, kyc_status: "approved", kyc_session_id: "x", kyc_approved_at: "2020-01-01T00:00:00Z", kyc_failure_reason: "", bridge_customer_id: "x",
    cognito_username: "x", org_ids: [ground.orgId], created_at: "2020-01-01T00:00:00Z", updated_at: "2020-01-01T00:00:00Z", updated_by: ground.adminId, version: 99, erased_at: null,
    password_hash: "x", permissions: ["users.status.get"], accountType: "arbitrator", account_type: "arbitrator", triggered_by: ground.adminId, at: "2020-01-01T00:00:00Z", actor: "system",
  }; // biome-ignore format: one glance
  let checked = 0;
  for (const { method, path, token, body } of ground.writes) {
    for (const [field, value] of Object.entries(forbidden)) {
      if (field in body) continue;
      assertProblem(
        await ground.usher.send(method, path, { token, body: { ...body, [field]: value } }),
        { status: 400, field },
        `${path} ${field}`,
      );
      checked += 1;
    }
  }
  for (const field of ["role", "type", "email", "org_id", "created_by", "password"]) {
    const answer = await ground.usher.send("PUT", `/users/${ground.person.userId}`, {
      token: ground.admin,
      body: { [field]: "retail" },
    });
    assertProblem(answer, { status: 400, field }, `PUT ${field}`);
  }
  t.diagnostic(`${checked} fields checked`);
});

test("an anonymous registration sets neither rights nor origin, and joins as a plain member only", async () => {
  const body = { email: "mass@example.com", fname: "M", lname: "A", password };
  const register = (more: object, token?: string) =>
    ground.usher.send("POST", "/users/register", { body: { ...body, ...more }, token });
  for (const token of [undefined, ground.person.token]) {
    assertProblem(await register({ role: "super-admin" }, token), { status: 400, field: "role" });
    assertProblem(await register({ role: "retail" }, token), { status: 400, field: "role" });
    assertProblem(await register({ type: "internal-admin" }, token), { status: 400, field: "type" });
    assertProblem(await register({ created_by: ground.adminId }, token), { status: 400, field: "created_by" });
    assertProblem(await register({ org_id: ground.orgId, org_member_role: "admin" }, token), {
      status: 400,
      field: "org_member_role",
    });
    assertProblem(await register({ org_id: ground.orgId, org_member_role: "staff" }, token), {
      status: 400,
      field: "org_member_role",
    });
  }
  assertProblem(await register({ org_member_role: "admin" }), { status: 400, field: "org_member_role" });
  assertProblem(await register({ org_id: "01900000-0000-7000-8000-00000000beef" }), { status: 400, field: "org_id" });
  assertProblem(await register({ org_id: "01900000-0000-7000-8000-00000000beef", org_name: "Other" }), {
    status: 400,
    field: "org_id",
  });
  assertProblem(await register({ created_by: ground.person.userId }, ground.admin), {
    status: 400,
    field: "created_by",
  });
  assertProblem(await register({ status: "active" }, ground.admin), { status: 400, field: "status" });
});

test("registration names each field that is wrong, all at once", async () => {
  const bad = {
    email: "not an address", fname: " ", lname: "x\ty", password: "short", date_of_birth: "2023-02-30", phone_number: "12", country: "XX1", id_type: "library card", id_number: "a;b", org_id: "1",
  }; // biome-ignore format: one glance
  const answer = await ground.usher.send("POST", "/users/register", { body: bad });
  assertProblem(answer, { status: 400, code: "invalid-request" });
  assert.deepEqual(Object.keys(answer.body.errors).sort(), Object.keys(bad).sort());
  const fine = { email: "fine@example.com", fname: "A", lname: "B", password };
  const meaning = { ...fine, country: "ZZ", phone_number: "+1 555", date_of_birth: "1890-01-01" };
  const second = await ground.usher.send("POST", "/users/register", { body: meaning });
  assertProblem(second, { status: 400 });
  assert.deepEqual(Object.keys(second.body.errors).sort(), ["country", "date_of_birth", "phone_number"]);
  const emails = [
    "a@b",
    "@example.com",
    "a@",
    "a b@example.com",
    "a@exa mple.com",
    "a@-example.com",
    "a@example..com",
    `${"a".repeat(65)}@example.com`,
    "a@example.com\nBcc: x@example.com",
    "<a@example.com>",
    "a@example.com,b@example.com",
    "ädä@example.com",
    "a@[127.0.0.1]",
  ];
  for (const email of emails)
    assertProblem(
      await ground.usher.send("POST", "/users/register", { body: { ...fine, email } }),
      { status: 400, field: "email" },
      email,
    );
  for (const weak of ["password", "12345678", "qwertyuiop", "fine@example.com", "x".repeat(129), "aaaaaaaa"]) {
    assertProblem(
      await ground.usher.send("POST", "/users/register", { body: { ...fine, password: weak } }),
      { status: 400, field: "password" },
      weak.slice(0, 20),
    );
  }
});

test("a date of birth lies between 1900 and today", async () => {
  const tomorrow = new Date(ground.usher.clock.now().getTime() + 86_400_000).toISOString().slice(0, 10);
  for (const date_of_birth of [
    "1899-12-31",
    tomorrow,
    "0000-01-01",
    "2024-02-30",
    "24-01-01",
    "1990-1-1",
    "1990-05-17T00:00:00Z",
    "19900517",
  ]) {
    const answer = await ground.usher.send("PUT", `/users/${ground.person.userId}`, {
      token: ground.person.token,
      body: { date_of_birth },
    });
    assertProblem(answer, { status: 400, field: "date_of_birth" }, date_of_birth);
  }
});

test("a verification's way back is a registered https origin, in its normal form", async () => {
  const bad = [
    "http://evil.example/",
    "https://evil.example/",
    "javascript:alert(1)",
    "//evil.example",
    "/relative",
    "",
    "https://evil.example@localhost/",
    "data:text/html,x",
    `${ground.usher.url}@evil.example/`,
    "HTTPS://EVIL.EXAMPLE",
    "https:evil",
    "ftp://x/",
    "https://[::1",
    "\t/",
  ];
  for (const callback of bad) {
    assertProblem(
      await ground.usher.send("POST", "/ekyc/me/sessions", { token: ground.person.token, body: { callback } }),
      { status: 400, field: "callback" },
      callback,
    );
  }
  for (const purpose of ["", "other", "REQUIRED"]) {
    assertProblem(
      await ground.usher.send("POST", "/ekyc/me/sessions", { token: ground.person.token, body: { purpose } }),
      {
        status: 400,
        field: "purpose",
      },
    );
  }
});
