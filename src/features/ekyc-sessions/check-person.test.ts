import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestClock } from "../../foundation/clock/index.ts";
import { userStatuses } from "../lifecycle/index.ts";
import type { UserRow } from "../users/index.ts";
import { checkPerson } from "./check-person.ts";

const clock = createTestClock(new Date("2026-03-02T23:59:59.999Z"));
const person = {
  fname: "Ada",
  lname: "Okafor",
  date_of_birth: "1991-07-14",
  status: "not_verified",
  erased_at: null,
} as UserRow;

type Thrown = {
  declaration: { code: string; status: number };
  occurrence: { errors?: Record<string, string[]>; detail?: string };
};

function refusal(more: Partial<UserRow>, purpose: "required" | "optional" = "required"): Thrown | undefined {
  try {
    checkPerson({ clock }, { ...person, ...more }, purpose);
    return undefined;
  } catch (error) {
    return error as Thrown;
  }
}

test("missing data is 400 and every missing field is named", () => {
  const found = refusal({ fname: null, lname: "  ", date_of_birth: null });
  assert.deepEqual([found?.declaration.code, found?.declaration.status], ["verification-data-missing", 400]);
  assert.deepEqual(Object.keys(found?.occurrence.errors ?? {}), ["fname", "lname", "date_of_birth"]);
});

test("one comes of age on the fourteenth birthday, in UTC", () => {
  assert.equal(refusal({ date_of_birth: "2012-03-02" }), undefined);
  const young = refusal({ date_of_birth: "2012-03-03" });
  assert.deepEqual(
    [young?.declaration.code, young?.declaration.status, Object.keys(young?.occurrence.errors ?? {})],
    ["below-minimum-age", 400, ["date_of_birth"]],
  );
  assert.equal(refusal({ date_of_birth: "2012-02-29" }), undefined);
  clock.set(new Date("2026-02-28T12:00:00Z"));
  assert.equal(refusal({ date_of_birth: "2012-02-29" })?.declaration.code, "below-minimum-age");
});

test("who may not be verified now is told why", () => {
  const allowed = userStatuses.filter((status) => !refusal({ status }));
  assert.deepEqual(allowed, ["not_verified", "pending_verification"]);
  const optional = userStatuses.filter((status) => !refusal({ status }, "optional"));
  assert.deepEqual(
    optional,
    ["active", "not_verified", "pending_verification"].sort(
      (a, b) => userStatuses.indexOf(a as "active") - userStatuses.indexOf(b as "active"),
    ),
  );
  for (const status of userStatuses.filter((one) => !allowed.includes(one))) {
    const found = refusal({ status });
    assert.deepEqual([found?.declaration.code, found?.declaration.status], ["verification-not-allowed", 409]);
    assert.ok(found?.occurrence.detail);
  }
  assert.equal(refusal({ erased_at: new Date() })?.declaration.status, 409);
});
