import type { Refusal } from "./refusal.ts";
import { refusals } from "./refusal.ts";

/**
 * What can go wrong on purpose. `before` faults do nothing else; `after` faults come once the operation is done:
 * the quota of mails is spent, the mail fails, the answer is an error, or there is none and the line goes dead.
 */
export const faultKinds = [
  "throttled",
  "internal-error",
  "mail-quota-spent-after",
  "mail-failed-after",
  "internal-error-after",
  "silence-after",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault for the next `times` calls of an operation. */
export type Fault = { operation: string; kind: FaultKind; times: number };

/** The faults that wait for their calls. */
export type Faults = {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that the present call of an operation meets. */
  take(operation: string): FaultKind | undefined;
};

export function createFaults(): Faults {
  let waiting: Fault[] = [];
  return {
    add: (fault) => waiting.push({ ...fault }),
    clear: () => {
      waiting = [];
    },
    take: (operation) => {
      const fault = waiting.find((one) => one.operation === operation);
      if (!fault) return undefined;
      fault.times -= 1;
      if (fault.times <= 0) waiting = waiting.filter((one) => one !== fault);
      return fault.kind;
    },
  };
}

/** The error that a kind of fault answers; undefined for silence. */
export function refusalOf(kind: FaultKind): Refusal | undefined {
  if (kind === "throttled") return refusals.tooFast();
  if (kind === "mail-quota-spent-after") return refusals.limit();
  if (kind === "mail-failed-after") return refusals.delivery();
  return kind === "silence-after" ? undefined : refusals.internal();
}
