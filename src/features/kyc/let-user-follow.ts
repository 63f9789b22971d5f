import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { findMove, type LifecycleEvent } from "../lifecycle/index.ts";
import { type KycFields, type MoveDeps, moveUser, setKycFields, type UserRow } from "../users/index.ts";
import type { Deed } from "./carry-out-effect.ts";
import type { KycCase } from "./decide-effect.ts";
import { decideStanding, type PersonStanding } from "./decide-standing.ts";
import type { KycDeps } from "./deps.ts";
import { type DerivedSession, deriveSession, type Standing } from "./derive-session.ts";
import type { CaseSession } from "./sessions.queries.ts";
import { tellPerson } from "./tell-person.ts";

/** What each standing means to the lifecycle. */
const events: Record<Standing, LifecycleEvent | undefined> = {
  none: undefined,
  pending: "verification-started",
  approved: "verification-approved",
  declined: "verification-declined",
  expired: "verification-expired",
  blocked: "provider-blocked",
};

/**
 * Lets the person follow their present sessions, and tells them what was decided. A move that the lifecycle does not know
 * from where they stand (inactive, blocked, closed, sandbox, or put there by an operator) is no error: the verdict is
 * recorded and moves nothing. An optional session sets its flag only.
 */
export async function letUserFollow(
  deps: KycDeps,
  trx: Transaction<Database>,
  kycCase: KycCase,
  deed: Deed,
): Promise<UserRow> {
  const { told } = deed.effect;
  const { user: before, session } = kycCase;
  if (!told) return before;
  if (session.purpose === "optional") {
    const user = await setOptionalFlag(deps, trx, before, told.after);
    const decided = { provider: session.provider, derived: told.after };
    await tellPerson(deps, trx, { before, user, session, told, decided });
    return user;
  }
  const { user, voice } = await followRequired(deps, trx, kycCase, deed, told);
  const decided = { provider: voice.session.provider, derived: voice.derived };
  await tellPerson(deps, trx, { before, user, session, told, decided });
  return user;
}

async function followRequired(
  deps: KycDeps,
  trx: Transaction<Database>,
  kycCase: KycCase,
  deed: Deed,
  told: { before: DerivedSession; after: DerivedSession },
): Promise<{ user: UserRow } & PersonStanding<CaseSession>> {
  const standingWith = (derived: DerivedSession) => {
    const others = kycCase.others.map(({ session, observations }) => ({
      session,
      derived: deriveSession(observations),
    }));
    return decideStanding(deps.requiredProviders, [{ session: kycCase.session, derived }, ...others]);
  };
  const [before, after] = [standingWith(told.before), standingWith(told.after)];
  const fields = changedFields(kycCase.user, kycFields(kycCase.user, after));
  let { user } = kycCase;
  for (const event of eventsBetween(before.standing, after.standing)) {
    const lifts = whoseStandIsLifted(deps, user, kycCase.session);
    if (findMove(standingOf(user), { event, mover: "provider", name: lifts }) === undefined) continue;
    const actor = { kind: "provider", id: kycCase.session.provider } as const;
    const reason = after.voice.derived.standingDecision?.reason;
    user = await moveUser(deps, trx, { user, event, actor, lifts, reason, requestId: deed.requestId, also: fields });
  }
  if (user === kycCase.user && Object.keys(fields).length > 0)
    user = await setKycFields(deps, trx, user.user_id, fields);
  return { user, ...after };
}

/** A block that ended first gives back what it interrupted; then comes what the person's standing has become. */
function eventsBetween(before: Standing, after: Standing): LifecycleEvent[] {
  if (before === after) return [];
  const own = events[after];
  return [...(before === "blocked" ? (["provider-unblocked"] as const) : []), ...(own ? [own] : [])];
}

/**
 * The rule that joins the providers has weighed all of them: what one of them brought about does not outlive the joint
 * standing, whoever spoke last. What an operator brought about does.
 */
function whoseStandIsLifted({ providers }: KycDeps, user: UserRow, session: CaseSession): string {
  return user.status_by !== null && Object.hasOwn(providers, user.status_by) ? user.status_by : session.provider;
}

function standingOf(user: UserRow) {
  return { status: user.status, statusBefore: user.status_before, statusBy: user.status_by };
}

/** What the user record says of verification: that of the session which the standing rests on. */
function kycFields(user: UserRow, { standing, voice: { session, derived } }: PersonStanding<CaseSession>): KycFields {
  const approvedAt = standing === "approved" ? timeOf(derived) : null;
  const refused = standing === "declined" || standing === "blocked";
  return {
    kyc_session_id: session.provider_session_id,
    kyc_status: derived.providerStatus,
    kyc_submitted_at: derived.submittedAt,
    kyc_approved_at: approvedAt,
    kyc_first_approved_at: user.kyc_first_approved_at ?? approvedAt,
    kyc_failure_reason: refused ? (derived.standingDecision?.reason ?? null) : null,
  };
}

/** Only what is new, so that a delivery which says nothing of the person leaves their record's version alone. */
function changedFields(user: UserRow, fields: KycFields): KycFields {
  const same = (held: unknown, next: unknown) =>
    held instanceof Date && next !== null
      ? held.getTime() === new Date(next as string | Date).getTime()
      : held === next;
  const entries = Object.entries(fields) as [keyof KycFields, unknown][];
  return Object.fromEntries(entries.filter(([name, next]) => !same(user[name], next)));
}

async function setOptionalFlag(
  deps: MoveDeps,
  trx: Transaction<Database>,
  user: UserRow,
  after: DerivedSession,
): Promise<UserRow> {
  const refused = after.standing === "declined" || after.standing === "blocked";
  const achievedAt = after.standing === "approved" ? timeOf(after) : refused ? null : user.optional_kyc_at;
  const fields = changedFields(user, { optional_kyc_at: achievedAt });
  return Object.keys(fields).length === 0 ? user : setKycFields(deps, trx, user.user_id, fields);
}

/** The provider's own time of the decision, or when we heard of it. PostgreSQL reads the text, microseconds and all. */
function timeOf({ standingDecision }: DerivedSession): string | Date | null {
  return standingDecision?.decisionTime ?? standingDecision?.observedAt ?? null;
}
