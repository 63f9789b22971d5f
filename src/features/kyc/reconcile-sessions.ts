import { addSeconds } from "../../foundation/clock/index.ts";
import {
  addToReconciliation,
  type CheckCounts,
  claimDueSessions,
  type DueSession,
  planUnplanned,
  setNextCheck,
} from "./checks.queries.ts";
import type { KycDeps } from "./deps.ts";
import { planCheck } from "./plan-check.ts";
import type { KycProvider } from "./port.ts";
import { reconcileSession } from "./reconcile-session.ts";

/** Longer than any question takes: a batch that is not done by then belongs to a process that died. */
const leaseSeconds = 600;
const batchSize = 100;
/** Beyond every plan. */
const everybodySeconds = 366 * 24 * 3600;
/** Questions under way at once with one provider. */
const concurrency = 8;

/**
 * One turn of reconciliation: asks every provider about the sessions that are due, until none is. While a provider's
 * circuit breaker is open its sessions wait; when the time is up, one of them is the trial. Any number of processes may
 * run turns at once: each due session is taken by one of them.
 *
 * @returns what the turn came to, over all providers
 */
export async function reconcileSessions(deps: KycDeps): Promise<CheckCounts> {
  const turns = Object.values(deps.providers).map((provider) => reconcileProvider(deps, provider));
  return (await Promise.all(turns)).reduce(add, none());
}

async function reconcileProvider(deps: KycDeps, provider: KycProvider): Promise<CheckCounts> {
  let counts = none();
  await planUnplanned(deps.db, provider.name, deps.clock.now());
  const { breaker, recovered } = deps.health[provider.name];
  for (let wasTrial = false; ; ) {
    await recovered();
    const { state } = breaker.status();
    // A trial that did not close the breaker is the last word of this turn, also where another call was trying already.
    if (state === "open" || (wasTrial && state !== "closed")) break;
    wasTrial = state !== "closed";
    const now = deps.clock.now();
    const due = await claimDueSessions(deps.db, {
      provider: provider.name,
      // The trial that ends an outage waits for nobody's turn: those whose webhooks were lost are not due yet.
      dueBy: state === "closed" ? now : addSeconds(now, everybodySeconds),
      leaseUntil: addSeconds(now, leaseSeconds),
      limit: state === "closed" ? batchSize : 1,
    });
    if (due.length === 0) break;
    counts = add(counts, await askAll(deps, provider, due));
  }
  await addToReconciliation(deps.db, provider.name, { now: deps.clock.now(), counts });
  deps.health[provider.name].count(counts);
  return counts;
}

async function askAll(deps: KycDeps, provider: KycProvider, due: readonly DueSession[]): Promise<CheckCounts> {
  const counts = none();
  const requestId = deps.ids.uuid();
  const waiting = [...due];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await ask(deps, provider, next, { counts, requestId });
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
}

async function ask(
  deps: KycDeps,
  provider: KycProvider,
  due: DueSession,
  { counts, requestId }: { counts: CheckCounts; requestId: string },
): Promise<void> {
  try {
    const checked = await reconcileSession(deps, provider, due, requestId);
    counts.asked += 1;
    if (checked === "drift") counts.drifts += 1;
    if (checked === "expired") counts.expired += 1;
    if (checked === "unclear") counts.unclear += 1;
  } catch (error) {
    counts.failed += 1;
    const now = deps.clock.now();
    const isDown = deps.health[provider.name].breaker.status().state !== "closed";
    // An outage is no silence of the session's own: it keeps its turn. What fails while the provider is well is asked
    // less and less often, so that one session that cannot be asked about never stands in the others' way.
    const checks = isDown ? due.checks : due.checks + 1;
    const nextCheck = isDown ? now : planCheck(due.state, checks, now);
    await setNextCheck(deps.db, due.session_id, { checks, next_check_at: nextCheck });
    if (!isDown) deps.log.warn("a session could not be reconciled", { provider: provider.name, error });
  }
}

function none(): CheckCounts {
  return { asked: 0, drifts: 0, expired: 0, unclear: 0, failed: 0 };
}

function add(a: CheckCounts, b: CheckCounts): CheckCounts {
  return {
    asked: a.asked + b.asked,
    drifts: a.drifts + b.drifts,
    expired: a.expired + b.expired,
    unclear: a.unclear + b.unclear,
    failed: a.failed + b.failed,
  };
}
