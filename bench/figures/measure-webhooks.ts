import type { Ground } from "../ground.ts";
import { loadWebhooks, type WebhookRun } from "../load/load-webhooks.ts";
import { type Cost, watchProcess } from "../load/watch-process.ts";
import { writeVerifying } from "../population/write-verifying.ts";
import { type Figure, round } from "../report.ts";
import { startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

/** Providers deliver with a handful of connections; more only lengthen the queue. */
const connections = 12;
/** So many people a second of a run: three webhooks each, of the rate that the bar demands. */
const peoplePerSecond = 200;
const warmUpPeople = 120;

type Run = WebhookRun & Cost;

/**
 * P7: signed webhooks of distinct sessions, each answered when it is stored raw, applied, journalled and committed, and
 * for an approval the person's message is queued.
 */
export async function measureWebhooks(ground: Ground, { seconds, pairs }: Parameters): Promise<Figure[]> {
  const { environment } = ground;
  const perRun = Math.ceil((seconds * peoplePerSecond) / connections) * connections;
  const people = await writeVerifying(environment, warmUpPeople + perRun * pairs);
  const usher = await startProcess({ args: startArguments(), environment, readyPath: "/readyz" });
  try {
    const load = { url: usher.url, connections, sharedSecret: environment.VERIFF_SHARED_SECRET ?? "" };
    await loadWebhooks({ ...load, people: people.splice(0, warmUpPeople) });
    const runs: Run[] = [];
    for (let run = 0; run < pairs; run += 1) {
      const next = people.splice(0, perRun);
      const { result, cost } = await watchProcess(usher.pid, () => loadWebhooks({ ...load, people: next }));
      runs.push({ ...result, ...cost });
    }
    return describe(runs, perRun * 3);
  } finally {
    await usher.stop();
  }
}

function describe(runs: readonly Run[], webhooks: number): Figure[] {
  const rates = runs.map(({ perSecond }) => perSecond);
  const p99 = runs.map((run) => run.p99);
  const costs = runs.map(({ processorSeconds }) => ((processorSeconds ?? Number.NaN) * 1e6) / webhooks);
  return [
    {
      name: "P7",
      what: "signed webhooks, durably applied",
      value: median(rates),
      unit: "/s",
      bar: { atLeast: 500 },
      note: `${round(Math.min(...rates))} to ${round(Math.max(...rates))}/s; ${round(median(costs))} µs of processor each in the server, PostgreSQL's apart`,
      samples: rates,
    },
    {
      name: "P7",
      what: "signed webhooks, p99 latency",
      value: median(p99),
      unit: "ms",
      bar: { atMost: 50 },
      note: `p50 ${median(runs.map(({ p50 }) => p50))} ms, ${connections} connections`,
      samples: p99,
    },
  ];
}
