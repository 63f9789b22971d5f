import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** So many different requests a connection, in turn: with 64 connections more than 30,000. */
export const requestsPerConnection = 500;

/** What one run asks of the gate. */
export type GateLoad = {
  url: string;
  seconds: number;
  connections: number;
  /** Ids are drawn from 1 to this. */
  users: number;
  /** Access tokens, drawn from for every request. */
  tokens: readonly string[];
  /** The same seed draws the same requests. */
  seed: string;
};

/** What it saw; latencies in whole milliseconds. */
export type GateRun = { perSecond: number; failed: number; p50: number; p99: number };

/**
 * Puts the load on a server, from a process of its own.
 *
 * @throws Error when any answer was not 2xx: its rate would mean nothing
 */
export async function loadGate(load: GateLoad): Promise<GateRun> {
  const child = fork(join(import.meta.dirname, "gate-load.ts"), { execArgv: [] });
  const ended = once(child, "exit");
  child.send(load);
  const answer = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  if (!answer) throw new Error("The load generator ended without a result; its own words stand above.");
  await ended;
  const run = answer[0] as GateRun;
  if (run.failed > 0) throw new Error(`${run.failed} requests to ${load.url} failed or were not answered with 2xx.`);
  return run;
}
