import assert from "node:assert/strict";
import { test } from "node:test";
import { userStatuses } from "../lifecycle/index.ts";
import { createGateFactsShelf } from "./gate-facts-shelf.ts";
import type { GateFacts } from "./users.queries.ts";

const factsOf = (id: number, status: GateFacts["status"] = "active", flags = 0): GateFacts => ({
  id,
  status,
  email_verified: flags % 2 === 1,
  phone_verified: (flags >> 1) % 2 === 1,
  sca_verified: (flags >> 2) % 2 === 1,
  additional_data: (flags >> 3) % 2 === 1,
  optional_kyc: flags >> 4 === 1,
});
const millionth = 2 ** 20;
const largestInt32 = 2 ** 31 - 1;

test("every status with every set of flags comes out as it went in", () => {
  const { place } = createGateFactsShelf();
  for (const status of userStatuses) {
    for (let flags = 0; flags < 32; flags += 1) {
      const facts = factsOf(flags + 1, status, flags);
      place.set(facts.id, facts);
      assert.deepEqual(place.get(facts.id), facts);
    }
  }
});

test("who shares a place with another is taken for nobody else", () => {
  const { place } = createGateFactsShelf();
  place.set(7, factsOf(7));
  assert.equal(place.get(7 + millionth), undefined);
  place.delete(7 + millionth);
  assert.deepEqual(place.get(7), factsOf(7));
  place.set(7 + millionth, factsOf(7 + millionth, "blocked"));
  assert.equal(place.get(7), undefined);
  assert.deepEqual(place.get(7 + millionth), factsOf(7 + millionth, "blocked"));
});

test("what is dropped, one or all, is gone; all ids of the gate have a place", () => {
  const { place, readKey } = createGateFactsShelf();
  for (const id of [1, millionth, largestInt32]) place.set(id, factsOf(id));
  assert.deepEqual(place.get(largestInt32), factsOf(largestInt32));
  place.delete(readKey("1"));
  assert.deepEqual([place.get(1), place.get(millionth)], [undefined, factsOf(millionth)]);
  place.clear();
  assert.deepEqual([place.get(millionth), place.get(largestInt32)], [undefined, undefined]);
  place.set(1, factsOf(1));
  assert.deepEqual(place.get(1), factsOf(1));
  place.clear();
  assert.equal(place.get(1), undefined);
});

test("a status of a version to come is not kept, and nothing older in its place", () => {
  const { place } = createGateFactsShelf();
  place.set(1, factsOf(1));
  place.set(1, factsOf(1, "frozen" as GateFacts["status"]));
  assert.equal(place.get(1), undefined);
});
