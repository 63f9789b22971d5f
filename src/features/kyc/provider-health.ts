import type { Clock } from "../../foundation/clock/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { Logger } from "../../foundation/logging/index.ts";
import { type Breaker, type CallOutside, createBreaker } from "../../foundation/outbound/index.ts";
import { type CheckCounts, makeOpenSessionsDue } from "./checks.queries.ts";
import type { ProviderName } from "./port.ts";

/** How one provider fares in the eyes of this process. */
export type ProviderHealth = {
  breaker: Breaker;
  /** Resolves when every open session is due that an outage which has ended may have kept in the dark. */
  recovered(): Promise<void>;
  /** Adds what a turn of reconciliation came to. */
  count(counts: CheckCounts): void;
  /** What this process's turns came to since its start. */
  counts(): CheckCounts;
};

/** Watches one provider: its breaker, and what has to follow when that closes again. */
export function watchProvider(
  { db, clock, log, callOutside }: { db: Db; clock: Clock; log: Logger; callOutside: CallOutside },
  provider: ProviderName,
): ProviderHealth {
  let following: Promise<void> = Promise.resolve();
  const total: CheckCounts = { asked: 0, drifts: 0, expired: 0, unclear: 0, failed: 0 };
  const changed = (state: "open" | "closed") => {
    if (state === "open") return log.warn("a provider fails and is left alone for a while", { provider });
    log.info("a provider answers again", { provider });
    following = makeOpenSessionsDue(db, provider, clock.now()).catch((error) =>
      log.error("open sessions could not be made due after an outage; they keep their own time", { provider, error }),
    );
  };
  return {
    breaker: createBreaker({ clock, callOutside, changed }),
    recovered: () => following,
    count: (counts) => {
      for (const [name, value] of Object.entries(counts)) total[name as keyof CheckCounts] += value;
    },
    counts: () => ({ ...total }),
  };
}
