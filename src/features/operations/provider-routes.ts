import { Type } from "typebox";
import { closed, nullable, ok, oneOf, type Route } from "../../foundation/http/index.ts";
import { admin, type Caller, route } from "../access/index.ts";
import { describeProviders, type Kyc, type ProviderReport } from "../kyc/index.ts";

const time = Type.String({ format: "date-time", examples: ["2026-01-15T09:35:00.000Z"] });
const count = Type.Integer({ minimum: 0, examples: [3] });

const providerSchema = closed({
  name: Type.String({ examples: ["veriff"] }),
  configured: Type.Boolean({ description: "Whether this installation has an account there." }),
  breaker: closed(
    {
      state: oneOf(["closed", "open", "half-open"]),
      since: time,
      retry_at: nullable(time),
      failures_in_a_row: count,
      last_success_at: nullable(time),
      last_failure_at: nullable(time),
    },
    { description: "As the process that answers sees it: each has a breaker of its own." },
  ),
  open_sessions: count,
  silent_sessions: Type.Integer({ minimum: 0, description: "Open, and nothing heard of them for too long." }),
  reconciliation: closed(
    {
      last_run_at: nullable(time),
      asked: count,
      drifts: Type.Integer({
        minimum: 0,
        description: "The provider's word was another than ours, and ours followed.",
      }),
      last_drift_at: nullable(time),
      expired: count,
      unclear: Type.Integer({ minimum: 0, description: "Answers that were not understood; nobody guessed." }),
      failed: count,
    },
    { description: "Over all processes, since the beginning." },
  ),
});

/** How the KYC providers fare, for operators. */
export function providerRoutes(kyc: Pick<Kyc, "db" | "clock" | "health" | "providers">): Route<Caller>[] {
  return [
    route({
      method: "GET",
      path: "/system/providers",
      summary: "How the verification providers fare: breaker, silent sessions, drift",
      tag: "Operations",
      access: admin,
      answers: { 200: closed({ as_of: time, providers: Type.Array(providerSchema) }) },
      handle: async () => {
        const { asOf, providers } = await describeProviders(kyc);
        return ok({ as_of: asOf.toISOString(), providers: providers.map(presentProvider) });
      },
    }),
  ];
}

function presentProvider({ name, configured, breaker, sessions, reconciliation }: ProviderReport) {
  const { asked, drifts, expired, unclear, failed } = reconciliation;
  return {
    name,
    configured,
    breaker: {
      state: breaker.state,
      since: breaker.since.toISOString(),
      retry_at: textOf(breaker.retryAt),
      failures_in_a_row: breaker.failuresInARow,
      last_success_at: textOf(breaker.lastSuccessAt),
      last_failure_at: textOf(breaker.lastFailureAt),
    },
    open_sessions: sessions.open,
    silent_sessions: sessions.silent,
    reconciliation: {
      last_run_at: textOf(reconciliation.lastRunAt),
      asked,
      drifts,
      last_drift_at: textOf(reconciliation.lastDriftAt),
      expired,
      unclear,
      failed,
    },
  };
}

function textOf(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
