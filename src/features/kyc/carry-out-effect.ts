import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { Ids } from "../../foundation/ids/index.ts";
import type { NewEntry } from "../journal/index.ts";
import type { MoveDeps, UserRow } from "../users/index.ts";
import type { Effect, KycCase } from "./decide-effect.ts";
import { letUserFollow } from "./let-user-follow.ts";
import { insertObservation, updateSession } from "./sessions.queries.ts";

/** Writes what `decideEffect` decided: observation, session, user, journal. The caller holds the user's lock. */
export async function carryOutEffect(
  deps: MoveDeps & { ids: Ids },
  trx: Transaction<Database>,
  { user, session }: KycCase,
  input: { effect: Effect; deliveryId: string; requestId: string },
): Promise<UserRow> {
  const { effect, deliveryId, requestId } = input;
  const { told, outcome } = effect;
  const actor = { kind: "provider", id: session.provider } as const;
  if (told) await keepObservation(deps, trx, session.session_id, deliveryId, told.report);
  if (!told || (outcome !== "applied" && outcome !== "session-only")) {
    await deps.journal.record(trx, {
      actor,
      action: "kyc.delivery-kept",
      subject: { kind: "user", id: user.user_id },
      changes: { delivery_id: { before: null, after: deliveryId }, outcome: { before: null, after: outcome } },
      requestId,
    });
    return user;
  }
  const { after } = told;
  await updateSession(trx, session.session_id, {
    state: after.state,
    verdict: after.verdict,
    provider_status: after.providerStatus,
    reason: after.reason,
    reason_code: after.reasonCode,
    decision_time: after.decisionTime,
    updated_at: deps.clock.now(),
  });
  await deps.journal.record(trx, {
    ...describeChange(session.session_id, deliveryId, told),
    actor,
    subject: { kind: "user", id: user.user_id },
    requestId,
  });
  if (outcome === "session-only") return user;
  return letUserFollow(deps, trx, { user, session, before: told.before, after, requestId });
}

type Told = NonNullable<Effect["told"]>;

async function keepObservation(
  deps: { ids: Ids },
  trx: Transaction<Database>,
  sessionId: string,
  deliveryId: string,
  report: Told["report"],
): Promise<void> {
  await insertObservation(trx, {
    observation_id: deps.ids.uuid(),
    delivery_id: deliveryId,
    session_id: sessionId,
    kind: report.kind,
    attempt_id: report.attemptId,
    verdict: report.verdict,
    provider_status: report.providerStatus,
    reason: report.reason,
    reason_code: report.reasonCode,
    decision_time: report.decisionTime,
    observed_at: report.observedAt,
  });
}

const actions = {
  started: "kyc.session-started",
  submitted: "kyc.session-submitted",
  decision: "kyc.decision-applied",
};

function describeChange(
  sessionId: string,
  deliveryId: string,
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
