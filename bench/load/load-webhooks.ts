import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Verifying } from "../population/write-verifying.ts";

/** What one run delivers: three webhooks for each person, signed, in their order. */
export type WebhookLoad = {
  url: string;
  connections: number;
  people: readonly Verifying[];
  sharedSecret: string;
};

/** What it saw; latencies in whole milliseconds. */
export type WebhookRun = { perSecond: number; failed: number; p50: number; p99: number };

/**
 * Delivers webhooks to a server, from a process of its own; each is sent once.
 *
 * @throws Error when any was not answered with 2xx: its rate would mean nothing
 */
export async function loadWebhooks(load: WebhookLoad): Promise<WebhookRun> {
  const child = fork(join(import.meta.dirname, "webhook-load.ts"), { execArgv: [] });
  const ended = once(child, "exit");
  child.send(load);
  const answer = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  if (!answer) throw new Error("The load generator ended without a result; its own words stand above.");
  await ended;
  const run = answer[0] as WebhookRun;
  if (run.failed > 0) throw new Error(`${run.failed} webhooks failed or were not answered with 2xx.`);
  return run;
}
