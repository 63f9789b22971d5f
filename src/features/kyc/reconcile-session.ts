import { lockUser } from "../users/index.ts";
import { carryOutEffect } from "./carry-out-effect.ts";
import { getCase, putObservation } from "./cases.queries.ts";
import { type DueSession, setNextCheck } from "./checks.queries.ts";
import { decideEffect } from "./decide-effect.ts";
import type { KycDeps } from "./deps.ts";
import { describeObservation } from "./describe-delivery.ts";
import { planCheck } from "./plan-check.ts";
import type { KycProvider, WebhookContent } from "./port.ts";
import { readAnswer, saysTheSame } from "./read-answer.ts";

/** What a question came to. `drift`: the provider's word was another than ours, and ours followed. */
export type Checked = "agreed" | "drift" | "expired" | "unclear";

/**
 * Asks the provider about one session, outside any transaction, and lets session and person follow, by the very rules by
 * which a delivery would: a lost webhook is healed as if it had come. Repeats have no effect.
 *
 * @throws verification-provider-unavailable (503); nothing was written then
 */
export async function reconcileSession(
  deps: KycDeps,
  provider: KycProvider,
  due: DueSession,
  requestId: string,
): Promise<Checked> {
  const answer = await provider.fetchDecision(due.provider_session_id);
  return takeAnswer(deps, provider, due, { answer, requestId });
}

async function takeAnswer(
  deps: KycDeps,
  provider: KycProvider,
  due: DueSession,
  { answer, requestId }: { answer: WebhookContent | undefined; requestId: string },
): Promise<Checked> {
  const now = deps.clock.now();
  return deps.db.transaction().execute(async (trx): Promise<Checked> => {
    const user = await lockUser(trx, due.user_id);
    const { seen: _, ...found } = await getCase(trx, due.session_id, undefined);
    const kycCase = { user, ...found };
    const { session } = found;
    const read = readAnswer(kycCase, answer, { provider, now });
    const checks = due.checks + 1;
    const replan = () =>
      setNextCheck(trx, session.session_id, { checks, next_check_at: planCheck(session.state, checks, now) });
    if (read.kind !== "report") {
      await replan();
      if (read.kind === "nothing-new") return "agreed";
      deps.log.warn("a provider's answer was not understood", { provider: provider.name, verdict: answer?.kind });
      return "unclear";
    }
    const effect = decideEffect(kycCase, read.content, now);
    if (!effect.told) {
      await replan();
      return "unclear";
    }
    const follows = effect.outcome === "applied" || effect.outcome === "session-only";
    // What changes a session also plans its next question.
    if (!follows) await replan();
    const observation = describeObservation(deps, effect, { sessionId: session.session_id, deliveryId: null });
    if (observation) await putObservation(trx, observation);
    await carryOutEffect(deps, trx, kycCase, {
      effect,
      deliveryId: null,
      requestId,
      heard:
        read.byWhom === "expiry"
          ? { action: "kyc.session-expired", actor: { kind: "system", id: "reconciliation" } }
          : { action: "kyc.decision-reconciled", actor: { kind: "provider", id: provider.name } },
    });
    if (!follows || saysTheSame(effect.told.before, effect.told.after)) return "agreed";
    return read.byWhom === "expiry" ? "expired" : "drift";
  });
}
