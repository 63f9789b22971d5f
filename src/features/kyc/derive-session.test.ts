import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deriveSession, type Observation } from "./derive-session.ts";
import { type Verdict, verdicts } from "./port.ts";

const observedAt = new Date("2026-03-02T12:00:00Z");
const time = (n: number) => `2026-03-02T10:20:31.${String(512_000 + n).padStart(6, "0")}Z`;

function event(kind: "started" | "submitted", attemptId = "A"): Observation {
  return {
    kind,
    attemptId,
    verdict: null,
    providerStatus: kind,
    reason: null,
    reasonCode: null,
    decisionTime: null,
    observedAt,
  };
}

function decision(verdict: Verdict, n: number | null, attemptId: string | null = "A"): Observation {
  const decisionTime = n === null ? null : time(n);
  const reason = verdict === "declined" ? "Suspected document tampering" : null;
  return {
    kind: "decision",
    attemptId,
    verdict,
    providerStatus: verdict,
    reason,
    reasonCode: null,
    decisionTime,
    observedAt,
  };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

/** An oracle apart from the code under test: lives through a history in the order in which it happened. */
function liveThrough(history: readonly Observation[]) {
  let state = "created";
  let standing = "none";
  for (const { kind, verdict } of history) {
    if (kind !== "decision") {
      const decided = state === "success" || state === "rejected" || state === "expired";
      if (decided) continue;
      state = kind;
      if (standing === "none") standing = "pending";
      continue;
    }
    state = {
      approved: "success",
      declined: "rejected",
      expired: "expired",
      abandoned: "expired",
      "resubmission-requested": "started",
      "in-review": "submitted",
      "awaiting-person": "started",
      paused: "rejected",
      offboarded: "rejected",
    }[verdict as Verdict];
    if (standing === "offboarded") continue;
    if (verdict === "approved" || verdict === "declined" || verdict === "paused" || verdict === "offboarded")
      standing = verdict;
    else if (standing === "none" || standing === "pending" || standing === "expired")
      standing = state === "expired" ? "expired" : "pending";
  }
  return { state, standing: standing === "paused" || standing === "offboarded" ? "blocked" : standing };
}

/** As things happen at Veriff: in this order, one after the other. */
const histories: Record<string, Observation[]> = {
  "approved, declined later": [event("started"), event("submitted"), decision("approved", 1), decision("declined", 2)],
  "reviewed, approved, declined later": [
    event("started"),
    event("submitted"),
    decision("in-review", 1),
    decision("approved", 2),
    decision("declined", 3),
  ],
  "declined, approved later": [event("started"), event("submitted"), decision("declined", 1), decision("approved", 2)],
  "resubmitted, then approved": [
    event("started"),
    event("submitted"),
    decision("resubmission-requested", 1),
    event("started", "B"),
    event("submitted", "B"),
    decision("approved", 2, "B"),
  ],
  "resubmitted, new attempt begun": [
    event("started"),
    event("submitted"),
    decision("resubmission-requested", 1),
    event("started", "B"),
  ],
  "resubmitted, new attempt handed in": [
    event("started"),
    event("submitted"),
    decision("resubmission-requested", 1),
    event("started", "B"),
    event("submitted", "B"),
  ],
  "resubmitted twice": [
    event("submitted"),
    decision("resubmission-requested", 1),
    event("submitted", "B"),
    decision("resubmission-requested", 2, "B"),
    event("started", "C"),
  ],
  "resubmitted, then declined for good": [
    event("submitted"),
    decision("resubmission-requested", 1),
    event("submitted", "B"),
    decision("declined", 2, "B"),
  ],
  "resubmitted, then expired": [
    event("started"),
    event("submitted"),
    decision("resubmission-requested", 1),
    decision("expired", 2),
  ],
  "begun, then abandoned": [event("started"), decision("abandoned", 1)],
  "never opened": [decision("expired", 1)],
  "approved, reviewed once more": [
    event("started"),
    event("submitted"),
    decision("approved", 1),
    decision("in-review", 2),
  ],
};

for (const [name, history] of Object.entries(histories)) {
  test(`${name}: every order, and every order doubled, ends as it happened`, () => {
    const { state, standing } = liveThrough(history);
    const expected = deriveSession(history);
    assert.deepEqual({ state: expected.state, standing: expected.standing }, { state, standing });
    for (const order of permutations(history)) {
      assert.deepEqual(deriveSession(order), expected);
      assert.deepEqual(deriveSession([...order, ...order]), expected);
      assert.deepEqual(deriveSession(order.flatMap((one) => [one, one])), expected);
    }
  });
}

test("nothing observed: created, and nothing said about the person", () => {
  const { state, standing, verdict, submittedAt } = deriveSession([]);
  assert.deepEqual(
    { state, standing, verdict, submittedAt },
    { state: "created", standing: "none", verdict: null, submittedAt: null },
  );
});

test("two decisions within one millisecond are ordered by their microseconds", () => {
  const later = decision("declined", 2);
  assert.equal(deriveSession([later, decision("approved", 1)]).state, "rejected");
  assert.equal(deriveSession([decision("approved", 3), later]).state, "success");
});

test("at the same instant a refusal wins over an approval, whichever came in first", () => {
  for (const order of permutations([decision("approved", 1), decision("declined", 1), decision("in-review", 1)])) {
    assert.deepEqual([deriveSession(order).state, deriveSession(order).standing], ["rejected", "declined"]);
  }
});

test("a decision without a time never overrules one that has a time", () => {
  for (const order of permutations([decision("approved", null), decision("declined", 1)])) {
    assert.equal(deriveSession(order).standing, "declined");
  }
});

test("a late event of any attempt leaves a decided session where it is", () => {
  for (const verdict of ["approved", "declined", "expired", "abandoned"] as const) {
    const decided = deriveSession([decision(verdict, 1)]);
    const after = deriveSession([
      decision(verdict, 1),
      event("started"),
      event("submitted"),
      event("started", "B"),
      event("submitted", "B"),
    ]);
    assert.deepEqual([after.state, after.standing], [decided.state, decided.standing]);
  }
});

test("the reason of a refusal does not outlive a later approval", () => {
  const { reason, standing } = deriveSession([decision("declined", 1), decision("approved", 2)]);
  assert.deepEqual({ reason, standing }, { reason: null, standing: "approved" });
});

test("an approval counts from when it was first given: what repeats it moves nothing, what interrupts it does", () => {
  const since = (...observations: Observation[]) => deriveSession(observations).standingSince;
  const [first, again] = [decision("approved", 1), decision("approved", 3)];
  assert.equal(since(again, first), time(1));
  assert.equal(since(first, decision("in-review", 2), again), time(1));
  assert.equal(since(first, decision("paused", 2), again), time(3));
  assert.equal(since(decision("in-review", 2)), null);
});

test("any set of observations, in any order and with any repeats, means one thing", () => {
  const attempts = fc.constantFrom("A", "B", "C");
  const observation = fc.oneof(
    fc
      .record({ kind: fc.constantFrom("started" as const, "submitted" as const), attempt: attempts })
      .map(({ kind, attempt }) => event(kind, attempt)),
    fc
      .record({
        verdict: fc.constantFrom(...verdicts),
        n: fc.option(fc.integer({ min: 0, max: 3 })),
        attempt: fc.option(attempts),
      })
      .map(({ verdict, n, attempt }) => decision(verdict, n, attempt)),
  );
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (set, chance) => {
      const shuffled = [...set, ...set.filter((_, index) => index % 2 === 0)]
        .map((one) => ({ one, at: chance.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
      assert.deepEqual(deriveSession(shuffled), deriveSession(set));
    }),
    { numRuns: 2000 },
  );
});
