import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "./canonical-json.ts";

test("keys are sorted by UTF-16 code units at every level, as the example of RFC 8785 has them", () => {
  const value = {
    "\u20ac": "Euro",
    "\r": "CR",
    "\ufb33": "Dalet",
    "1": "One",
    "\ud83d\ude00": "Smile",
    "\u0080": "Control",
    "\u00f6": "o",
  };
  assert.deepEqual(
    Object.values(JSON.parse(canonicalJson(value)) as object).join(),
    "One,CR,Control,o,Euro,Smile,Dalet",
  );
  assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: 1e21 }), '{"a":1e+21,"b":[{"c":null,"d":1}]}');
});

test("a value has one text, whatever the order of its keys, and comes back from it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.equal(canonicalJson(reverseKeys(value)), text);
      assert.equal(canonicalJson(JSON.parse(text)), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("dates have milliseconds, absent members are left out, and what JSON cannot tell is refused", () => {
  assert.equal(canonicalJson({ at: new Date(0), none: undefined }), '{"at":"1970-01-01T00:00:00.000Z"}');
  for (const value of [1n, Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol("s"), undefined]) {
    assert.throws(() => canonicalJson({ value: [{ value }] }.value[0]?.value), TypeError);
  }
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reverseKeys(member)]),
  );
}
