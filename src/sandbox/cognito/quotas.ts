import type { QuotaCategory } from "./operations.ts";
import type { PoolSettings } from "./pool-settings.ts";
import { refusals } from "./refusal.ts";

/** Counts the calls of each category in each second of the real clock. @throws TooManyRequestsException */
export function createQuotas({ requestsPerSecond = {} }: PoolSettings): (category: QuotaCategory | undefined) => void {
  const counted = new Map<QuotaCategory, { second: number; count: number }>();
  return (category) => {
    const limit = category && requestsPerSecond[category];
    if (category === undefined || limit === undefined) return;
    const second = Math.floor(performance.now() / 1000);
    const present = counted.get(category);
    const count = present?.second === second ? present.count + 1 : 1;
    counted.set(category, { second, count });
    if (count > limit) throw refusals.tooFast();
  };
}
