import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Budget } from "./route.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the budget that is being spent is counted by. */
    budgetKey?: string;
  }
}

/** What one request found in its budget. */
export type BudgetVerdict = { exceeded: boolean; resetSeconds: number; headers?: Record<string, string> };

/** Budgets per caller, or per address where there is no caller. */
export type RateLimits = {
  spend(budget: Budget, key: string, request: FastifyRequest): Promise<BudgetVerdict>;
};

/** Requests a minute and caller. Counted per process: they keep one caller from crowding out others, nothing more. */
const perMinute: Record<Budget, number> = {
  general: 100,
  sensitive: 30,
  gate: 300_000,
  webhook: 60_000,
  probe: 6_000,
};

/** No limits at all: for load tests, in sandbox mode only. */
export const unlimited: RateLimits = { spend: async () => ({ exceeded: false, resetSeconds: 0 }) };

/** Budgets kept by @fastify/rate-limit, one store each. */
export async function createRateLimits(app: FastifyInstance): Promise<RateLimits> {
  await app.register(rateLimit, { global: false });
  app.decorateRequest("budgetKey", undefined);
  const check = Object.fromEntries(
    Object.entries(perMinute).map(([budget, max]) => [
      budget,
      app.createRateLimit({ max, timeWindow: 60_000, keyGenerator: (request) => request.budgetKey ?? request.ip }),
    ]),
  ) as Record<Budget, ReturnType<FastifyInstance["createRateLimit"]>>;
  return {
    spend: async (budget, key, request) => {
      request.budgetKey = `${budget} ${key}`;
      const found = await check[budget](request);
      if (found.isAllowed) return { exceeded: false, resetSeconds: 0 };
      const resetSeconds = Math.ceil(found.ttl / 1000);
      return {
        exceeded: found.isExceeded,
        resetSeconds,
        headers: {
          "ratelimit-limit": String(found.max),
          "ratelimit-remaining": String(found.remaining),
          "ratelimit-reset": String(resetSeconds),
        },
      };
    },
  };
}
