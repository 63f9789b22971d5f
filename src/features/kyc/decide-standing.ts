import { compareInstants } from "./compare-instants.ts";
import type { DerivedSession, Standing } from "./derive-session.ts";
import type { ProviderName } from "./port.ts";

/** What each provider's present session says of a person. */
export type Held = Partial<Record<ProviderName, Standing>>;

const has = (one: Standing) => (standings: readonly Standing[]) => standings.includes(one);

/**
 * The decision rule, first line that holds. `any`: no provider is required, and one approval clears. `required`: every
 * provider of KYC_REQUIRED_PROVIDERS has to approve, and the others' verdicts are recorded only. A block counts whoever
 * speaks it, before everything else.
 */
// biome-ignore format: a table reads best aligned
const rules: readonly (readonly [standing: Standing, rule: "any" | "required" | "both", holds: (standings: readonly Standing[]) => boolean])[] = [
  ["approved", "any",      has("approved")],
  ["declined", "both",     has("declined")],
  ["approved", "required", (standings) => standings.every((standing) => standing === "approved")],
  ["pending",  "both",     has("pending")],
  ["expired",  "both",     has("expired")],
  // One of several has approved, and the others were never begun.
  ["pending",  "required", has("approved")],
  ["none",     "both",     () => true],
];

/** Joins what the providers say into the one standing of the person. `required` is empty where one approval clears. */
export function joinStandings(required: readonly ProviderName[], held: Held): Standing {
  if (Object.values(held).includes("blocked")) return "blocked";
  const mode = required.length === 0 ? "any" : "required";
  const standings = mode === "any" ? Object.values(held) : required.map((provider) => held[provider] ?? "none");
  return rules.find(([, rule, holds]) => (rule === "both" || rule === mode) && holds(standings))?.[0] ?? "none";
}

/** One provider's present session, and where it stands. */
export type Voice<Session> = { session: Session; derived: DerivedSession };

/** The standing of a person, and the session that it rests on. */
export type PersonStanding<Session> = { standing: Standing; voice: Voice<Session> };

/** Which sessions a standing may rest on, in this order. */
const restsOn: Record<Standing, readonly Standing[]> = {
  blocked: ["blocked"],
  declined: ["declined"],
  approved: ["approved"],
  pending: ["pending", "approved"],
  expired: ["expired"],
  none: ["none"],
};

/**
 * The person's standing from the present sessions of all providers, at most one each. It depends on the set of them
 * alone, not on which one was heard of last.
 */
export function decideStanding<Session extends { provider: ProviderName; created_at: Date }>(
  required: readonly ProviderName[],
  voices: readonly [Voice<Session>, ...Voice<Session>[]],
): PersonStanding<Session> {
  const held: Held = Object.fromEntries(voices.map(({ session, derived }) => [session.provider, derived.standing]));
  const standing = joinStandings(required, held);
  const counts = ({ session }: Voice<Session>) =>
    standing === "blocked" || required.length === 0 || required.includes(session.provider);
  const byNewest = voices.toSorted(newestFirst);
  const fitting = restsOn[standing]
    .map((one) => byNewest.find((voice) => voice.derived.standing === one && counts(voice)))
    .find((voice) => voice !== undefined);
  return { standing, voice: fitting ?? byNewest[0] ?? voices[0] };
}

function newestFirst(a: Voice<{ provider: string; created_at: Date }>, b: typeof a): number {
  const time = ({ derived }: typeof a) => derived.standingDecision?.decisionTime ?? null;
  return (
    compareInstants(time(b), time(a)) ||
    b.session.created_at.getTime() - a.session.created_at.getTime() ||
    (a.session.provider < b.session.provider ? -1 : 1)
  );
}
