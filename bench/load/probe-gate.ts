import { setTimeout as wait } from "node:timers/promises";
import { ask } from "./ask.ts";

/** What a light, steady load asks of the gate. */
export type GateProbe = { url: string; tokens: readonly string[]; users: number; perSecond: number };

/**
 * Asks the gate at a fixed pace until told to stop, and gives every latency in milliseconds. Each counts from when the
 * request was due, not from when it could be sent, so that a server that stalls cannot hide the requests behind it.
 *
 * @throws Error when an answer is not 200
 */
export async function probeGate(probe: GateProbe, until: AbortSignal): Promise<number[]> {
  const latencies: Promise<number>[] = [];
  const begun = performance.now();
  for (let sent = 0; !until.aborted; sent += 1) {
    const due = begun + (sent * 1000) / probe.perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const latency = askOnce(probe, sent, due);
    // A failure is told at the end, with the others.
    latency.catch(() => undefined);
    latencies.push(latency);
  }
  return Promise.all(latencies);
}

async function askOnce({ url, tokens, users }: GateProbe, sent: number, due: number): Promise<number> {
  const id = 1 + ((sent * 7919) % users);
  const headers = { authorization: `Bearer ${tokens[sent % tokens.length]}` };
  const { status } = await ask(`${url}/User/${id}/status`, { headers });
  if (status !== 200) throw new Error(`The gate answered ${status} under light load.`);
  return performance.now() - due;
}
