import assert from "node:assert/strict";
import { test } from "node:test";
import { decideStanding, joinStandings } from "./decide-standing.ts";
import { type DerivedSession, deriveSession, type Standing } from "./derive-session.ts";
import type { ProviderName } from "./port.ts";
import { verdictReport } from "./second-provider-for-tests.ts";

const standings: Standing[] = ["none", "pending", "approved", "declined", "expired", "blocked"];
const letters: Record<Standing, string> = {
  none: ".",
  pending: "p",
  approved: "A",
  declined: "D",
  expired: "e",
  blocked: "B",
};

/** Veriff's standing down, Bridge's across, both in the order none, pending, approved, declined, expired, blocked. */
const matrices: [name: string, required: ProviderName[], rows: string[]][] = [
  ["nobody is required", [], [".pADeB", "ppADpB", "AAAAAB", "DDADDB", "epADeB", "BBBBBB"]],
  ["both are required", ["veriff", "bridge"], [".ppDeB", "pppDpB", "ppADeB", "DDDDDB", "epeDeB", "BBBBBB"]],
  ["Veriff is required", ["veriff"], [".....B", "pppppB", "AAAAAB", "DDDDDB", "eeeeeB", "BBBBBB"]],
  ["Bridge is required", ["bridge"], [".pADeB", ".pADeB", ".pADeB", ".pADeB", ".pADeB", "BBBBBB"]],
];

for (const [name, required, rows] of matrices) {
  test(`the joint standing where ${name}`, () => {
    const found = standings.map((veriff) =>
      standings.map((bridge) => letters[joinStandings(required, { veriff, bridge })]).join(""),
    );
    assert.deepEqual(found, rows);
  });
}

test("of one provider alone the joint standing is its own, whether it is required or not", () => {
  for (const standing of standings) {
    assert.equal(joinStandings([], { veriff: standing }), standing);
    assert.equal(joinStandings(["veriff"], { veriff: standing }), standing);
  }
});

const at = (second: number) => new Date(Date.UTC(2026, 2, 2, 12, 0, second));

function voice(provider: ProviderName, derived: DerivedSession, created = 0) {
  return { session: { provider, created_at: at(created) }, derived };
}

const decided = (verdict: "approved" | "declined" | "paused", n: number) =>
  deriveSession([{ ...verdictReport(verdict, n), observedAt: at(0) }]);

test("a standing rests on a session that has it, the newest decision first, whatever the order of the sessions", () => {
  const cases = [
    [voice("veriff", decided("approved", 1)), voice("bridge", decided("declined", 2)), "veriff"],
    [voice("veriff", decided("approved", 1)), voice("bridge", decided("approved", 2)), "bridge"],
    [voice("veriff", decided("declined", 3)), voice("bridge", decided("declined", 2)), "veriff"],
    [voice("veriff", decided("approved", 3)), voice("bridge", decided("paused", 2)), "bridge"],
    [voice("veriff", deriveSession([]), 1), voice("bridge", deriveSession([]), 2), "bridge"],
  ] as const;
  for (const [a, b, expected] of cases) {
    assert.equal(decideStanding([], [a, b]).voice.session.provider, expected);
    assert.equal(decideStanding([], [b, a]).voice.session.provider, expected);
  }
});

test("a verdict of a provider that is not required is never what a standing rests on, but for a block", () => {
  const [mine, other] = [voice("veriff", decided("approved", 1)), voice("bridge", decided("approved", 2))];
  assert.equal(decideStanding(["veriff"], [other, mine]).voice.session.provider, "veriff");
  const blocked = decideStanding(["veriff"], [mine, voice("bridge", decided("paused", 1))]);
  assert.deepEqual([blocked.standing, blocked.voice.session.provider], ["blocked", "bridge"]);
});
