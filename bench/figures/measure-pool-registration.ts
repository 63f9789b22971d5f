import { availableParallelism } from "node:os";
import type { Ground } from "../ground.ts";
import { registerPeople } from "../load/register-people.ts";
import { watchProcess } from "../load/watch-process.ts";
import { type Figure, round } from "../report.ts";
import { findFreePort, startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import type { Parameters } from "./measure-gate.ts";

/** As many as the connections of the database have work for, and a line behind them. */
const atOnce = 32;
const warmUpSeconds = 8;

/** P4: registrations with a Cognito that answers at once: what is left is Usher's own work. */
export async function measurePoolRegistration(ground: Ground, { seconds, pairs }: Parameters): Promise<Figure[]> {
  const port = String(await findFreePort());
  const cognito = await startProcess({
    args: ["bench/servers/cognito-at-once.ts"],
    environment: { PORT: port },
    readyPath: "/",
  });
  try {
    const environment = { ...ground.environment, ...settingsOf(cognito.url) };
    const usher = await startProcess({ args: startArguments(), environment, readyPath: "/readyz" });
    try {
      // The SDK takes several hundred calls until it is compiled.
      const warm = AbortSignal.timeout(warmUpSeconds * 1000);
      await registerPeople({ url: usher.url, atOnce, run: "pool-warm-up" }, warm);
      const [rates, costs]: [number[], number[]] = [[], []];
      for (let pair = 0; pair < pairs; pair += 1) {
        const until = AbortSignal.timeout(seconds * 1000);
        const { result, cost } = await watchProcess(usher.pid, () =>
          registerPeople({ url: usher.url, atOnce, run: `pool-${pair}` }, until),
        );
        rates.push(result);
        costs.push(((cost.processorSeconds ?? Number.NaN) * 1000) / (result * seconds));
      }
      return [describe(rates, costs)];
    } finally {
      await usher.stop();
    }
  } finally {
    await cognito.stop();
  }
}

/** A pool of the stand-in; its names mean nothing to it. */
function settingsOf(endpoint: string): Record<string, string> {
  return {
    IDENTITY_PROVIDER: "cognito",
    AWS_REGION: "eu-west-1",
    COGNITO_ENDPOINT: endpoint,
    COGNITO_USER_POOL_ID: "eu-west-1_bench",
    COGNITO_CLIENT_ID: "bench",
  };
}

function describe(rates: number[], costs: number[]): Figure {
  return {
    name: "P4",
    what: "registrations, Cognito answering at once",
    value: median(rates),
    unit: "/s",
    bar: { atLeast: 300 },
    note: `${round(median(costs))} ms of processor each in the server; ${atOnce} at once, ${availableParallelism()} cores for client, server, database and stand-in`,
    samples: rates,
  };
}
