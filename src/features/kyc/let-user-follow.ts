import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { findMove } from "../lifecycle/index.ts";
import { type KycFields, type MoveDeps, moveUser, setKycFields, type UserRow } from "../users/index.ts";
import type { Deed } from "./carry-out-effect.ts";
import type { CaseSession } from "./cases.queries.ts";
import type { KycCase } from "./decide-effect.ts";
import { decideStanding, type PersonStanding } from "./decide-standing.ts";
import type { KycDeps } from "./deps.ts";
import { type DerivedSession, deriveSession } from "./derive-session.ts";
import { planMoves, whoseStandIsLifted } from "./plan-moves.ts";
import { tellPerson } from "./tell-person.ts";

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
  for (const event of planMoves(before.standing, after.standing)) {
    const lifts = whoseStandIsLifted(user, { providers: deps.providers, speaker: kycCase.session.provider });
    if (findMove(standingOf(user), { event, mover: "provider", name: lifts }) === undefined) continue;
    const actor = { kind: "provider", id: kycCase.session.provider } as const;
    const reason = after.voice.derived.standingDecision?.reason;
    user = await moveUser(deps, trx, { user, event, actor, lifts, reason, requestId: deed.requestId, also: fields });
  }
  if (user === kycCase.user && Object.keys(fields).length > 0)
    user = await setKycFields(deps, trx, user.user_id, fields);
  return { user, ...after };
}

function standingOf(user: UserRow) {
  return { status: user.status, statusBefore: user.status_before, statusBy: user.status_by };
}

/** What the user record says of verification: that of the session which the standing rests on. */
function kycFields(user: UserRow, { standing, voice: { session, derived } }: PersonStanding<CaseSession>): KycFields {
  const approvedAt = standing === "approved" ? derived.standingSince : null;
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
  const achievedAt = after.standing === "approved" ? after.standingSince : refused ? null : user.optional_kyc_at;
  const fields = changedFields(user, { optional_kyc_at: achievedAt });
  return Object.keys(fields).length === 0 ? user : setKycFields(deps, trx, user.user_id, fields);
}
