import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { NewEntry } from "../journal/index.ts";
import type { MoveDeps, UserRow } from "../users/index.ts";
import type { Effect, KycCase } from "./decide-effect.ts";
import type { DerivedSession } from "./derive-session.ts";
import { letUserFollow } from "./let-user-follow.ts";
import { planCheck } from "./plan-check.ts";
import { insertObservation } from "./sessions.queries.ts";

/** How the journal tells of what no delivery told us: who says so, and under which action. */
export type Heard = Pick<NewEntry, "actor" | "action">;

/** Writes what `decideEffect` decided: observation, session, user, journal. The caller holds the user's lock. */
export async function carryOutEffect(
  deps: MoveDeps & { ids: Ids },
  trx: Transaction<Database>,
  { user, session }: KycCase,
  input: { effect: Effect; deliveryId: string | null; requestId: string; heard?: Heard },
): Promise<UserRow> {
  const { effect, deliveryId, requestId, heard } = input;
  const { told, outcome } = effect;
  const actor = heard?.actor ?? ({ kind: "provider", id: session.provider } as const);
  const changes = outcome === "applied" || outcome === "session-only";
  if (told) {
    const ids = { observationId: deps.ids.uuid(), deliveryId, sessionId: session.session_id };
    await insertObservation(
      trx,
      { ...told.report, ...ids },
      changes ? toColumns(told.after, deps.clock.now()) : undefined,
    );
  }
  const about = { actor, subject: { kind: "user", id: user.user_id }, requestId } as const;
  if (!told || !changes) {
    const kept = { delivery_id: { before: null, after: deliveryId }, outcome: { before: null, after: outcome } };
    await deps.journal.record(trx, { ...about, action: heard?.action ?? "kyc.delivery-kept", changes: kept });
    return user;
  }
  const change = describeChange(session.session_id, deliveryId, told);
  await deps.journal.record(trx, { ...about, ...change, ...(heard ? { action: heard.action } : {}) });
  if (outcome === "session-only") return user;
  return letUserFollow(deps, trx, { user, session, before: told.before, after: told.after, requestId });
}

type Told = NonNullable<Effect["told"]>;

function toColumns(after: DerivedSession, now: Date) {
  return {
    state: after.state,
    verdict: after.verdict,
    provider_status: after.providerStatus,
    reason: after.reason,
    reason_code: after.reasonCode,
    decision_time: after.decisionTime,
    updated_at: now,
    next_check_at: planCheck(after.state, 0, now),
    checks: 0,
  };
}

const actions = {
  started: "kyc.session-started",
  submitted: "kyc.session-submitted",
  decision: "kyc.decision-applied",
};

function describeChange(
  sessionId: string,
  deliveryId: string | null,
  { report, before, after }: Told,
): Pick<NewEntry, "action" | "changes" | "personal"> {
  return {
    action: actions[report.kind],
    changes: {
      session_id: { before: sessionId, after: sessionId },
      session_state: { before: before.state, after: after.state },
      provider_status: { before: before.providerStatus, after: after.providerStatus },
      reason_code: { before: before.reasonCode, after: after.reasonCode },
      delivery_id: { before: null, after: deliveryId },
    },
    ...(after.reason === null ? {} : { personal: { reason: after.reason } }),
  };
}
