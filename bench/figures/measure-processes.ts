import { availableParallelism } from "node:os";
import type { Ground } from "../ground.ts";
import { loadGate } from "../load/load-gate.ts";
import { watchProcess } from "../load/watch-process.ts";
import { issueAccessTokens } from "../open-tokens.ts";
import { type Figure, round } from "../report.ts";
import { findFreePort, type Running, startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

const counts = [1, 2, 4] as const;
const connections = 64;

type Run = { perSecond: number; microsecondsEach: number };

/**
 * P10: the gate by 1, 2 and 4 API processes on one database, in turn, with 64 connections to each.
 * Rates can grow only where there are cores left beside database and load, so the bar stands only there.
 */
export async function measureProcesses(ground: Ground, { seconds, pairs }: Parameters): Promise<Figure[]> {
  const servers: Running[] = [];
  try {
    while (servers.length < Math.max(...counts)) servers.push(await startApi(ground, servers.length));
    const tokens = await issueAccessTokens(ground.environment, ground.operatorIds);
    const load = { users: ground.users, tokens };
    for (const { url } of servers) await loadGate({ ...load, url, seconds: 3, connections, seed: "warm-up" });
    const runs = new Map<number, Run[]>(counts.map((count) => [count, []]));
    for (let pair = 0; pair < pairs; pair += 1) {
      for (const count of pair % 2 === 0 ? counts : counts.toReversed()) {
        const run = await loadAll(servers.slice(0, count), { ...load, seconds, seed: `pair ${pair}` });
        runs.get(count)?.push(run);
      }
    }
    return describe(runs);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function startApi({ environment }: Ground, index: number): Promise<Running> {
  // They are one Usher behind a load balancer: one PUBLIC_URL, the same keys.
  const port = index === 0 ? (environment.PORT ?? "") : String(await findFreePort());
  const own = { ...environment, USHER_ROLE: "api", PORT: port };
  return startProcess({ args: startArguments(), environment: own, readyPath: "/readyz" });
}

async function loadAll(
  servers: readonly Running[],
  load: { users: number; tokens: readonly string[]; seconds: number; seed: string },
): Promise<Run> {
  const each = await Promise.all(
    servers.map(({ pid, url }, index) =>
      watchProcess(pid, () => loadGate({ ...load, url, connections, seed: `${load.seed}, process ${index}` })),
    ),
  );
  const perSecond = each.reduce((sum, { result }) => sum + result.perSecond, 0);
  const processorSeconds = each.reduce((sum, { cost }) => sum + (cost.processorSeconds ?? Number.NaN), 0);
  return { perSecond, microsecondsEach: (processorSeconds * 1e6) / (perSecond * load.seconds) };
}

function describe(runs: ReadonlyMap<number, readonly Run[]>): Figure[] {
  const cores = availableParallelism();
  const one = runs.get(1) ?? [];
  const middle = (list: readonly Run[], key: keyof Run) => median(list.map((run) => run[key]));
  const figures = [...runs]
    .filter(([count]) => count > 1)
    .flatMap(([count, list]): Figure[] => {
      const against = (key: keyof Run) => list.map((run, pair) => run[key] / (one[pair]?.[key] ?? Number.NaN));
      const rates = against("perSecond");
      const costs = against("microsecondsEach");
      return [
        {
          name: "P10",
          what: `gate by ${count} processes, of one`,
          value: median(rates),
          unit: "×",
          // A process needs about as much again for the load on it and for the database, together two more cores.
          bar: cores >= 3 * count ? { atLeast: 0.7 * count } : undefined,
          note: `${round(middle(list, "perSecond"))}/s against ${round(middle(one, "perSecond"))}/s on ${cores} cores, load and database among them`,
          samples: rates,
        },
        {
          name: "P10",
          what: `processor time of a request by ${count}, of one`,
          value: median(costs),
          unit: "×",
          note: `${round(middle(list, "microsecondsEach"))} µs against ${round(middle(one, "microsecondsEach"))} µs`,
          samples: costs,
        },
      ];
    });
  return figures;
}
