import { isIPv6 } from "node:net";
import type { Clock } from "../../foundation/clock/index.ts";
import type { KeyedHash } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { tooManyRequests } from "../../foundation/errors/common.ts";
import { type BudgetName, budgets } from "./budgets.ts";
import { countEvent, deleteBucket, findClosedUntil, uncountEvent } from "./throttles.queries.ts";

/** One budget of one account, address or both: `["log-in by account and source", email, source]`. */
export type Charge = readonly [budget: BudgetName, ...parts: string[]];

/**
 * Budgets shared by all processes, outside any transaction: a rolled-back deed stays counted. Keys are keyed hashes, so
 * that neither e-mail nor network addresses rest in clear.
 */
export type Throttles = {
  /**
   * Counts an event in every budget, before the deed whose failure it may be: contenders at the same moment cannot all
   * slip through. Where one budget is used up, none is charged.
   *
   * @throws too-many-requests with the seconds to wait
   */
  charge(charges: readonly Charge[]): Promise<void>;
  /** Takes events back that were no failures. */
  refund(charges: readonly Charge[]): Promise<void>;
  /** Forgets what was counted. */
  forget(charges: readonly Charge[]): Promise<void>;
};

/** Makes the throttles; `perSource: false` leaves out the budgets of network addresses, for load tests. */
export function createThrottles(
  deps: { db: Db; clock: Clock; hash: KeyedHash },
  options: { perSource: boolean },
): Throttles {
  const { db, clock, hash } = deps;
  const bucketOf = ([budget, ...parts]: Charge) => hash("throttle", budget, ...parts);
  const counted = (charges: readonly Charge[]) =>
    charges.filter(([budget]) => options.perSource || !budgets[budget].perSource);
  const refund = async (charges: readonly Charge[]) => {
    for (const charge of counted(charges)) await uncountEvent(db, bucketOf(charge));
  };
  return {
    charge: async (charges) => {
      const charged: Charge[] = [];
      for (const charge of counted(charges)) {
        const bucket = bucketOf(charge);
        const now = clock.now();
        if (await countEvent(db, bucket, budgets[charge[0]], now)) {
          charged.push(charge);
          continue;
        }
        await refund(charged);
        const until = await findClosedUntil(db, bucket);
        throw tooManyRequests({ retryAfterSeconds: Math.max(1, ((until?.getTime() ?? 0) - now.getTime()) / 1000) });
      }
    },
    refund,
    forget: async (charges) => {
      for (const charge of counted(charges)) await deleteBucket(db, bucketOf(charge));
    },
  };
}

/**
 * The network address as budgets know it: of an IPv6 address the first 64 bits, since its owner has all the rest
 * (RFC 6177); an IPv4 address in IPv6 clothes as IPv4.
 */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const bare = address.split("%")[0] ?? "";
  if (!isIPv6(bare)) return address;
  const [head = "", tail = ""] = bare.toLowerCase().split("::");
  const front = head.split(":").filter(Boolean);
  const missing = bare.includes("::") ? 8 - front.length - tail.split(":").filter(Boolean).length : 0;
  const groups = [...front, ...Array<string>(missing).fill("0"), ...tail.split(":").filter(Boolean)];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
