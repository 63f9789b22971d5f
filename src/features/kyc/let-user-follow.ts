import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import { findMove, type LifecycleEvent } from "../lifecycle/index.ts";
import { type KycFields, type MoveDeps, moveUser, setKycFields, type UserRow } from "../users/index.ts";
import type { DerivedSession, Standing } from "./derive-session.ts";
import type { SessionRow } from "./tables.ts";

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
 * Lets the user follow their current session. A move that the lifecycle does not know from where the user stands
 * (inactive, blocked, closed, sandbox, or rejected by somebody else) is no error: the verdict is recorded and moves
 * nothing. An optional session sets its flag only.
 */
export async function letUserFollow(
  deps: MoveDeps,
  trx: Transaction<Database>,
  input: { user: UserRow; session: SessionRow; before: DerivedSession; after: DerivedSession; requestId: string },
): Promise<UserRow> {
  const { user, session, before, after, requestId } = input;
  if (session.purpose === "optional") return setOptionalFlag(deps, trx, user, after);
  const fields = kycFields(user, session, after);
  const event = before.standing === after.standing ? undefined : events[after.standing];
  const move = { mover: "provider", name: session.provider } as const;
  const standing = { status: user.status, statusBefore: user.status_before, statusBy: user.status_by };
  if (event === undefined || findMove(standing, { event, ...move }) === undefined) {
    return setKycFields(deps, trx, user.user_id, fields);
  }
  const actor = { kind: "provider", id: session.provider } as const;
  const reason = after.standingDecision?.reason;
  return moveUser(deps, trx, { user, event, actor, reason, requestId, also: fields });
}

function kycFields(user: UserRow, session: SessionRow, after: DerivedSession): KycFields {
  const approvedAt = after.standing === "approved" ? timeOf(after) : null;
  return {
    kyc_session_id: session.provider_session_id,
    kyc_status: after.providerStatus,
    kyc_submitted_at: after.submittedAt,
    kyc_approved_at: approvedAt,
    kyc_first_approved_at: user.kyc_first_approved_at ?? approvedAt,
    kyc_failure_reason: after.standing === "declined" ? (after.standingDecision?.reason ?? null) : null,
  };
}

async function setOptionalFlag(
  deps: MoveDeps,
  trx: Transaction<Database>,
  user: UserRow,
  after: DerivedSession,
): Promise<UserRow> {
  const achievedAt =
    after.standing === "approved" ? timeOf(after) : after.standing === "declined" ? null : user.optional_kyc_at;
  return setKycFields(deps, trx, user.user_id, { optional_kyc_at: achievedAt });
}

/** The provider's own time of the decision, or when we heard of it. PostgreSQL reads the text, microseconds and all. */
function timeOf({ standingDecision }: DerivedSession): string | Date | null {
  return standingDecision?.decisionTime ?? standingDecision?.observedAt ?? null;
}
