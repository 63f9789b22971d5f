import type { UserStatus } from "./transitions.ts";

/** The status codes of the 10nPay gate. */
export type GateCode = 50 | 150 | 200 | 300 | 350 | 400;

/** One machine, four readings: ours, PCX's word, the gate's code and its name. Klustr's and PAYCIFI's follow from sessions and profile. */
// biome-ignore format: a table reads best aligned
const readings: Record<UserStatus, { pcx: PcxStatus; code: GateCode }> = {
  pending:              { pcx: "pending",              code: 50 },
  not_verified:         { pcx: "not_verified",         code: 50 },
  sandbox:              { pcx: "sandbox",              code: 50 },
  pending_verification: { pcx: "pending_verification", code: 150 },
  active:               { pcx: "active",               code: 200 },
  inactive:             { pcx: "inactive",             code: 300 },
  closed:               { pcx: "inactive",             code: 350 },
  rejected:             { pcx: "rejected",             code: 400 },
  blocked:              { pcx: "inactive",             code: 400 },
};

/** The seven words of the PCX document. */
export const pcxStatuses = [
  "active",
  "rejected",
  "not_verified",
  "pending_verification",
  "pending",
  "sandbox",
  "inactive",
] as const;

export type PcxStatus = (typeof pcxStatuses)[number];

/** PCX's word for a state. */
export function toPcxStatus(status: UserStatus): PcxStatus {
  return readings[status].pcx;
}

/** The states that a PCX word stands for: `inactive` also shows the closed and the blocked. */
export function fromPcxStatus(status: PcxStatus): UserStatus[] {
  return (Object.keys(readings) as UserStatus[]).filter((own) => readings[own].pcx === status);
}

/** The gate's code. What is unknown counts as blocked: only `active` may ever answer 200. */
export function toGateCode(status: string): GateCode {
  return readings[status as UserStatus]?.code ?? 400;
}
