import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** What a figure depends on besides the code: printed and kept with every result. */
export type Machine = {
  processor: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  /** Runnable processes over the last minute, before we began: well above 0 means that others were at work. */
  loadBefore: number;
};

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
