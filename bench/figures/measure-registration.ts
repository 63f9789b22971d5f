import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Ground } from "../ground.ts";
import { probeGate } from "../load/probe-gate.ts";
import { registerPeople } from "../load/register-people.ts";
import { issueAccessTokens } from "../open-tokens.ts";
import { type Figure, round } from "../report.ts";
import { startArguments, startProcess } from "../start-process.ts";
import { median, quantile } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

/** Enough to keep every processor hashing, and few enough that none is refused. */
const atOnce = 8 * availableParallelism();
const probesPerSecond = 50;
const warmUpSeconds = 8;

/** P3: registrations beside bare password hashes, in turn, and what they do to the gate meanwhile. */
export async function measureRegistration(ground: Ground, { seconds, pairs }: Parameters): Promise<Figure[]> {
  const usher = await startProcess({ args: startArguments(), environment: ground.environment, readyPath: "/readyz" });
  try {
    const tokens = await issueAccessTokens(ground.environment, ground.operatorIds);
    const probe = { url: usher.url, tokens, users: ground.users, perSecond: probesPerSecond };
    const forSeconds = () => AbortSignal.timeout(seconds * 1000);
    // Some hundreds of each, until what they run through is compiled.
    const warm = AbortSignal.timeout(warmUpSeconds * 1000);
    await Promise.all([registerPeople({ url: usher.url, atOnce, run: "warm-up" }, warm), probeGate(probe, warm)]);
    const [registered, hashed, quiet, busy]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let pair = 0; pair < pairs; pair += 1) {
      hashed.push(await hashPasswords(seconds));
      quiet.push(...(await probeGate(probe, forSeconds())));
      const until = forSeconds();
      const registering = registerPeople({ url: usher.url, atOnce, run: `pair-${pair}` }, until);
      const [rate, latencies] = await Promise.all([registering, probeGate(probe, until)]);
      registered.push(rate);
      busy.push(...latencies);
    }
    return describe({ registered, hashed, quiet, busy });
  } finally {
    await usher.stop();
  }
}

async function hashPasswords(seconds: number): Promise<number> {
  const program = join(import.meta.dirname, "../load/hash-passwords.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(seconds)]);
  return Number(stdout);
}

type Measured = Record<"registered" | "hashed" | "quiet" | "busy", number[]>;

function describe({ registered, hashed, quiet, busy }: Measured): Figure[] {
  const ratios = registered.map((rate, pair) => rate / (hashed[pair] ?? Number.NaN));
  const [before, during] = [quantile(quiet, 0.99), quantile(busy, 0.99)];
  return [
    {
      name: "P3",
      what: "registrations, of bare argon2id hashes",
      value: median(ratios),
      unit: "×",
      bar: { atLeast: 0.7 },
      note: `${round(median(registered))}/s against ${round(median(hashed))}/s; argon2id 19 MiB, 2 passes, 1 lane`,
      samples: ratios,
    },
    {
      name: "P3",
      what: "gate p99 meanwhile, of its p99 before",
      value: during / before,
      unit: "×",
      bar: { atMost: 2 },
      note: `${round(during)} ms against ${round(before)} ms at ${probesPerSecond}/s; medians ${round(median(busy))} and ${round(median(quiet))} ms`,
    },
  ];
}
