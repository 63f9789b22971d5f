import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findMove, type LifecycleEvent, type UserStatus } from "../lifecycle/index.ts";
import { decideStanding } from "./decide-standing.ts";
import { deriveSession, type Observation } from "./derive-session.ts";
import { planMoves, whoseStandIsLifted } from "./plan-moves.ts";
import type { ProviderName, Verdict } from "./port.ts";
import { verdictReport } from "./second-provider-for-tests.ts";

const observedAt = new Date("2026-03-02T12:00:00Z");
const providers = { veriff: true, bridge: true };

/** Something that one of the providers told. */
type Told = { provider: ProviderName; observation: Observation };

/** As much of a user as verdicts move. */
type Person = { status: UserStatus; before: UserStatus | null; status_by: string | null; byBefore: string | null };

/** Lives through a history in the order in which it comes in, by the rules under test; repeats are heard twice. */
function follow(required: readonly ProviderName[], told: readonly Told[]): UserStatus {
  const heard: Record<ProviderName, Observation[]> = { veriff: [], bridge: [] };
  const standing = () =>
    decideStanding(required, [
      { session: { provider: "veriff", created_at: observedAt }, derived: deriveSession(heard.veriff) },
      { session: { provider: "bridge", created_at: observedAt }, derived: deriveSession(heard.bridge) },
    ]).standing;
  let person: Person = { status: "not_verified", before: null, status_by: null, byBefore: null };
  for (const { provider, observation } of told) {
    const before = standing();
    heard[provider].push(observation);
    for (const event of planMoves(before, standing())) person = move(person, event, provider);
  }
  return person.status;
}

/** As `moveUser` writes it. */
function move(person: Person, event: LifecycleEvent, speaker: ProviderName): Person {
  const name = whoseStandIsLifted(person, { providers, speaker });
  const held = { status: person.status, statusBefore: person.before, statusBy: person.status_by };
  const to = findMove(held, { event, mover: "provider", name });
  if (to === undefined) return person;
  const blocks = to === "blocked";
  return {
    status: to,
    before: blocks ? person.status : null,
    status_by: event === "provider-unblocked" ? person.byBefore : speaker,
    byBefore: blocks ? person.status_by : null,
  };
}

/** The oracle, apart from the code under test: what each provider said last for good, in the order of their clocks. */
function expectStatus(required: readonly ProviderName[], told: readonly Told[]): UserStatus {
  const words = (["veriff", "bridge"] as const).map((provider) => {
    const own = told.filter((one) => one.provider === provider).map(({ observation }) => observation);
    const decisions = own.filter(({ kind }) => kind === "decision").sort(byTime);
    if (decisions.some(({ verdict }) => verdict === "offboarded")) return "B";
    const final = decisions.findLast(({ verdict }) => "approved declined paused".includes(verdict as string));
    if (final) return { approved: "A", declined: "D", paused: "B" }[final.verdict as string] ?? "?";
    const last = decisions.at(-1)?.verdict;
    if (last === "expired" || last === "abandoned") return "e";
    return own.length > 0 ? "p" : ".";
  });
  if (words.includes("B")) return "blocked";
  const [veriff = ".", bridge = "."] = words;
  const counted = required.length === 0 ? words : required.map((name) => (name === "veriff" ? veriff : bridge));
  const all = counted.every((word) => word === "A");
  if (required.length === 0 ? counted.includes("A") : all) return "active";
  if (counted.includes("D")) return "rejected";
  if (counted.includes("p")) return "pending_verification";
  if (counted.includes("e")) return "not_verified";
  return counted.includes("A") ? "pending_verification" : "not_verified";
}

const strengths = [
  "awaiting-person",
  "in-review",
  "resubmission-requested",
  "abandoned",
  "expired",
  "approved",
  "declined",
  "paused",
  "offboarded",
];

function byTime(a: Observation, b: Observation): number {
  return (a.decisionTime ?? "") < (b.decisionTime ?? "")
    ? -1
    : a.decisionTime === b.decisionTime
      ? strengths.indexOf(a.verdict ?? "") - strengths.indexOf(b.verdict ?? "")
      : 1;
}

const verdictsOf = {
  veriff: ["approved", "declined", "resubmission-requested", "in-review", "expired", "abandoned"],
  bridge: ["approved", "declined", "paused", "offboarded", "in-review", "awaiting-person"],
} satisfies Record<ProviderName, Verdict[]>;

const told = fc.constantFrom<ProviderName>("veriff", "bridge").chain((provider): fc.Arbitrary<Told> => {
  const decision = fc.tuple(fc.constantFrom<Verdict>(...verdictsOf[provider]), fc.integer({ min: 0, max: 5 }));
  const event = fc.constantFrom("started" as const, "submitted" as const);
  return fc.oneof(
    {
      weight: 3,
      arbitrary: decision.map(([verdict, n]) => ({
        provider,
        observation: { ...verdictReport(verdict, n), observedAt },
      })),
    },
    {
      weight: 1,
      arbitrary: event.map((kind) => ({
        provider,
        observation: { ...verdictReport("in-review", 0), kind, verdict: null, decisionTime: null, observedAt },
      })),
    },
  );
});

const required = fc.constantFrom<ProviderName[]>([], ["veriff"], ["bridge"], ["veriff", "bridge"]);

test("10,000 random histories of two providers, in random order and with repeats, leave the person where the oracle says", () => {
  const seen = new Map<UserStatus, number>();
  fc.assert(
    fc.property(required, fc.array(told, { maxLength: 9 }), fc.infiniteStream(fc.nat()), (names, history, chance) => {
      const repeats = history.filter(() => (chance.next().value ?? 0) % 3 === 0);
      const arrived = [...history, ...repeats]
        .map((one) => ({ one, at: chance.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
      const expected = expectStatus(names, history);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      assert.equal(follow(names, arrived), expected);
    }),
    { numRuns: 10_000, seed: 4 },
  );
  for (const status of ["active", "rejected", "blocked", "pending_verification", "not_verified"] as const) {
    assert.ok((seen.get(status) ?? 0) > 300, `${status} came up ${seen.get(status)} times`);
  }
});
