import type { Ground } from "../ground.ts";
import { type GateLoad, type GateRun, loadGate, requestsPerConnection } from "../load/load-gate.ts";
import { type Cost, residentMegabytes, watchProcess } from "../load/watch-process.ts";
import { issueAccessTokens } from "../open-tokens.ts";
import { type Figure, round } from "../report.ts";
import { findFreePort, type Running, startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";

export type Parameters = { seconds: number; pairs: number };

const connections = 64;
const kinds = ["usher", "constant", "bare", "unbatched"] as const;
type Kind = (typeof kinds)[number];
type Run = GateRun & Cost & { microsecondsEach: number };
type Runs = Record<Kind, Run[]>;

/** P1 and P9: the status gate beside a constant answer and beside one query a request, in turn, and its memory. */
export async function measureGate(ground: Ground, { seconds, pairs }: Parameters): Promise<Figure[]> {
  const started: Running[] = [];
  try {
    const servers = await startAll(ground, started);
    const tokens = await issueAccessTokens(ground.environment, ground.operatorIds);
    const load = { seconds, connections, users: ground.users, tokens };
    const idle = residentMegabytes(servers.usher.pid);
    const few = { ...load, users: Math.min(load.users, 1000), seconds: 3, seed: "warm-up" };
    for (const kind of kinds) await loadGate({ ...few, url: servers[kind].url });
    const first = {
      usher: await loadGate({ ...load, url: servers.usher.url, seed: "first" }),
      constant: await loadGate({ ...load, url: servers.constant.url, seed: "first" }),
    };
    await meetUsers({ ...load, url: servers.usher.url }, first.usher.perSecond);
    const runs: Runs = { usher: [], constant: [], bare: [], unbatched: [] };
    for (let pair = 0; pair < pairs; pair += 1) {
      // Whoever goes first may find a cooler machine: the order turns round each time.
      for (const kind of pair % 2 === 0 ? kinds : kinds.toReversed()) {
        const { pid, url } = servers[kind];
        const { result, cost } = await watchProcess(pid, () => loadGate({ ...load, url, seed: `pair ${pair}` }));
        const microsecondsEach = ((cost.processorSeconds ?? Number.NaN) * 1e6) / (result.perSecond * seconds);
        runs[kind].push({ ...result, ...cost, microsecondsEach });
      }
    }
    return [...describeSpeed(runs), describeFirst(first), ...describeMemory(idle, runs.usher)];
  } finally {
    for (const server of started) await server.stop();
  }
}

/** Has each user been asked about three times on average, as in a server that runs for a while: 19 of 20 have been met. */
async function meetUsers(load: Omit<GateLoad, "seed">, perSecond: number): Promise<void> {
  const distinct = load.connections * requestsPerConnection;
  const seconds = Math.ceil(distinct / perSecond);
  for (let met = 0; met < 3 * load.users; met += distinct) await loadGate({ ...load, seconds, seed: `meet ${met}` });
}

async function startAll({ environment }: Ground, started: Running[]): Promise<Record<Kind, Running>> {
  const start = async (args: readonly string[], port: string) => {
    const server = await startProcess({ args, environment: { ...environment, PORT: port }, readyPath: "/livez" });
    started.push(server);
    return server;
  };
  const flags = startArguments().slice(0, -1);
  const startYardstick = async (file: string, ...more: string[]) =>
    start([...flags, `bench/servers/${file}`, ...more], String(await findFreePort()));
  return {
    usher: await start(startArguments(), environment.PORT ?? ""),
    constant: await startYardstick("constant.ts"),
    bare: await startYardstick("constant.ts", "bare"),
    unbatched: await startYardstick("unbatched.ts"),
  };
}

function describeSpeed(runs: Runs): Figure[] {
  const rate = (kind: Kind) => round(median(runs[kind].map((run) => run.perSecond)));
  const cost = (kind: Kind) => round(median(runs[kind].map((run) => run.microsecondsEach)));
  const ratio = (what: string, kind: Kind, bar?: Figure["bar"]): Figure => {
    const samples = runs.usher.map((run, pair) => run.perSecond / (runs[kind][pair]?.perSecond ?? Number.NaN));
    const range = `${round(Math.min(...samples))} to ${round(Math.max(...samples))}`;
    const note = `${rate("usher")}/s against ${rate(kind)}/s, ${range}; ${cost("usher")} µs of processor each against ${cost(kind)}`;
    return { name: "P1", what, value: median(samples), unit: "×", bar, note, samples };
  };
  const p99 = runs.usher.map((run) => run.p99);
  const note = `p50 ${median(runs.usher.map((run) => run.p50))} ms, ${connections} connections`;
  return [
    ratio("gate, of a constant answer, same settings", "constant", { atLeast: 0.6 }),
    ratio("gate, of a constant answer, bare Fastify", "bare"),
    ratio("gate, of one query a request", "unbatched", { atLeast: 3 }),
    { name: "P1", what: "gate, p99 latency", value: median(p99), unit: "ms", bar: { atMost: 25 }, note, samples: p99 },
  ];
}

function describeFirst({ usher, constant }: Record<"usher" | "constant", GateRun>): Figure {
  const what = "gate, of a constant answer, users not met before";
  const note = `${round(usher.perSecond)}/s against ${round(constant.perSecond)}/s, one run`;
  return { name: "P1", what, value: usher.perSecond / constant.perSecond, unit: "×", note };
}

function describeMemory(idle: number | undefined, runs: readonly Run[]): Figure[] {
  const samples = runs.map((run) => run.peakMegabytes).filter((peak) => peak !== undefined);
  if (idle === undefined || samples.length === 0) return [];
  const what = "resident memory of the server, highest under P1";
  const note = `${round(idle)} MB after the start`;
  return [{ name: "P9", what, value: Math.max(...samples), unit: "MB", bar: { atMost: 200 }, note, samples }];
}
