import assert from "node:assert/strict";
import { test } from "node:test";
import { createShelf } from "./shelf.ts";

test("a full shelf forgets what has stood there longest, and only for what is new", () => {
  const { place } = createShelf<number>("numbers", 2);
  place.set("one", 1);
  place.set("two", 2);
  place.set("one", 11);
  assert.deepEqual([place.get("one"), place.get("two")], [11, 2]);
  place.set("three", 3);
  assert.deepEqual([place.get("one"), place.get("two"), place.get("three")], [undefined, 2, 3]);
});
