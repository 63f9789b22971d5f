import assert from "node:assert/strict";
import { test } from "node:test";
import { compareInstants, nanosecondsOf } from "./compare-instants.ts";

test("instants are compared to the microsecond and beyond, across notations", () => {
  const rising = [
    "2026-03-02T10:20:31Z",
    "2026-03-02T10:20:31.512Z",
    "2026-03-02T10:20:31.512001Z",
    "2026-03-02T10:20:31.512001999Z",
    "2026-03-02T11:20:31.512002+01:00",
    "2026-03-02T05:20:31.512003-0500",
    "2026-03-02T10:20:31.52Z",
  ];
  for (const [index, earlier] of rising.entries()) {
    for (const later of rising.slice(index + 1)) {
      assert.equal(compareInstants(earlier, later), -1, `${earlier} before ${later}`);
      assert.equal(compareInstants(later, earlier), 1);
    }
  }
  assert.equal(compareInstants("2026-03-02T10:20:31.500Z", "2026-03-02T12:20:31.5+02:00"), 0);
});

test("what is no instant is not read as one, and counts as older than every instant", () => {
  for (const text of [
    "",
    "soon",
    "2026-03-02",
    "2026-03-02T10:20:31",
    "2026-02-30T10:20:31Z",
    "2026-13-01T00:00:00Z",
    "2026-03-02T25:00:00Z",
    "2026-03-02 10:20:31Z",
    "1772446831",
  ]) {
    assert.equal(nanosecondsOf(text), undefined, text);
    assert.equal(compareInstants(text, "0001-01-01T00:00:00Z"), -1);
  }
  assert.equal(compareInstants(null, null), 0);
  assert.equal(compareInstants(null, "nonsense"), 0);
});
