import type { BreakerStatus } from "../../foundation/outbound/index.ts";
import { countOpenSessions, findReconciliation, type Reconciliation } from "./checks.queries.ts";
import type { KycDeps } from "./deps.ts";
import type { ProviderName } from "./port.ts";

const names = ["veriff", "bridge"] as const satisfies readonly ProviderName[];

/** One provider as an operator sees it. */
export type ProviderReport = {
  name: ProviderName;
  /** Whether this installation has an account there. */
  configured: boolean;
  /** As this process sees it; each process has a breaker of its own. */
  breaker: BreakerStatus;
  sessions: { open: number; silent: number };
  reconciliation: Reconciliation;
};

/** Every provider there is: how it fares, what is open there, and what reconciliation found. */
export async function describeProviders(deps: Pick<KycDeps, "db" | "clock" | "health" | "providers">) {
  const now = deps.clock.now();
  const reports = names.map(
    async (name): Promise<ProviderReport> => ({
      name,
      configured: deps.providers[name] !== undefined,
      breaker: deps.health[name].breaker.status(),
      sessions: await countOpenSessions(deps.db, name, now),
      reconciliation: await findReconciliation(deps.db, name),
    }),
  );
  return { asOf: now, providers: await Promise.all(reports) };
}

/** What this process alone knows of each provider, without asking anybody: for metrics. */
export function listProviderHealth({ health }: Pick<KycDeps, "health">) {
  return names.map((name) => ({ name, state: health[name].breaker.status().state, counts: health[name].counts() }));
}
