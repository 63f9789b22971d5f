import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "../../foundation/errors/index.ts";
import type { UserCaller } from "../access/index.ts";
import { password } from "./identity-for-tests.ts";
import { readRegistration } from "./read-registration.ts";
import type { RegistrationBody } from "./schemas.ts";

const today = new Date("2026-03-01T12:00:00.000Z");
const userId = "018f3f6e-0000-7000-8000-000000000001";
const orgId = "018f3f6e-0000-7000-8000-0000000000aa";
const operator = (role: UserCaller["role"]): UserCaller => ({
  kind: "user",
  id: 1,
  userId: "018f3f6e-0000-7000-8000-000000000002",
  role,
  type: "internal-admin",
  grantId: "g",
  secondFactor: false,
  permissions: [],
});
const staff: UserCaller = { ...operator("admin"), type: "staff" };
const read = (more: Partial<RegistrationBody>, caller?: UserCaller) =>
  readRegistration(
    { email: " Ada@Example.COM ", fname: " Ada ", lname: "Obi", password, ...more },
    { userId, caller, today },
  );

function refusal(more: Partial<RegistrationBody>, caller?: UserCaller): string[] {
  try {
    read(more, caller);
  } catch (error) {
    assert.ok(error instanceof DeclaredError);
    return error.occurrence.errors ? Object.keys(error.occurrence.errors) : [error.declaration.code];
  }
  return [];
}

test("what is given is brought to its stored form", () => {
  const registration = read({
    phone_number: "0803 123 4567",
    country: "ng",
    date_of_birth: "1990-02-28",
    address: "  ",
  });
  assert.equal(registration.email, "ada@example.com");
  assert.equal(registration.fname, "Ada");
  assert.equal(registration.phone_number, "+2348031234567");
  assert.equal(registration.country, "NG");
  assert.equal(registration.address1, null);
  assert.deepEqual([registration.role, registration.type, registration.created_by], ["retail", "user", null]);
});

test("every wrong field is named at once", () => {
  const wrong = {
    phone_number: "123",
    country: "ZZ",
    date_of_birth: "2026-03-02",
    role: "super-admin",
    org_member_role: "admin",
  } as const;
  assert.deepEqual(refusal(wrong).sort(), ["country", "date_of_birth", "org_member_role", "phone_number", "role"]);
});

test("role, type and created_by need an internal-admin's token: refused by name, never dropped", () => {
  const fields = { role: "retail", type: "user", created_by: userId } as const;
  assert.deepEqual(refusal(fields).sort(), ["created_by", "role", "type"]);
  assert.deepEqual(refusal(fields, staff).sort(), ["created_by", "role", "type"]);
  assert.deepEqual(refusal({ created_by: userId }, operator("admin")), ["created_by"]);
  assert.equal(read({ created_by: operator("admin").userId }, operator("admin")).created_by, operator("admin").userId);
});

test("an operator grants no more than they hold, and only a super-admin makes internal-admins", () => {
  assert.equal(read({ role: "org-staff", type: "merchant" }, operator("admin")).role, "org-staff");
  assert.deepEqual(refusal({ role: "super-admin" }, operator("admin")), ["grant-refused"]);
  assert.deepEqual(refusal({ type: "internal-admin" }, operator("admin")), ["grant-refused"]);
  assert.equal(read({ type: "internal-admin", role: "admin" }, operator("super-admin")).type, "internal-admin");
});

test("org_name makes the founder admin, org_id joins as user, org_id wins, more needs an operator", () => {
  assert.deepEqual(read({ org_name: " Acme " }).organisation, { found: "Acme" });
  assert.deepEqual(read({ org_id: orgId.toUpperCase() }).organisation, { join: orgId, role: "user" });
  assert.deepEqual(read({ org_id: orgId, org_name: "Acme" }).organisation, { join: orgId, role: "user" });
  assert.deepEqual(refusal({ org_id: orgId, org_member_role: "staff" }), ["org_member_role"]);
  assert.deepEqual(refusal({ org_name: "Acme", org_member_role: "user" }), ["org_member_role"]);
  assert.deepEqual(refusal({ org_member_role: "user" }), ["org_member_role"]);
  assert.deepEqual(read({ org_id: orgId, org_member_role: "staff" }, operator("admin")).organisation, {
    join: orgId,
    role: "staff",
  });
});
