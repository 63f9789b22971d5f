import { parseArgs } from "node:util";
import { measureColdStart } from "./figures/measure-cold-start.ts";
import { measureEkycList } from "./figures/measure-ekyc-list.ts";
import { measureGate } from "./figures/measure-gate.ts";
import { measureRegistration } from "./figures/measure-registration.ts";
import { measureWalletLogIn } from "./figures/measure-wallet-log-in.ts";
import { measureWebhooks } from "./figures/measure-webhooks.ts";
import { type Ground, prepareGround } from "./ground.ts";
import { describeMachine } from "./machine.ts";
import { readWholeNumber } from "./read-whole-number.ts";
import { type Figure, isMet, keepResults, printFigure } from "./report.ts";

const help = `Measures Usher on this machine, in processes and a database of its own: npm run bench -- [options]

  --only P1,P3     some of P1, P3, P7, P8, P9, W, L (all; P1 and P9 are measured together)
  --users N        size of the population, 300 to 10000000 (100000)
  --seconds N      length of each single run, 1 to 600 (5)
  --pairs N        interleaved runs of what is compared, 1 to 100 (7)
  --seed TEXT      of the population (usher)
  --strict         end with 1 when a bar is missed; otherwise only a broken run does
  --help

What is measured, and against what: bench/README.md
`;

const bars = ["P1", "P3", "P7", "P8", "P9", "W", "L"];

type Options = NonNullable<ReturnType<typeof readOptions>>;

/** Ctrl-C ends the servers, too, so that the run breaks and tidies up behind itself; a second one does not wait for that. */
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort(new Error("Interrupted: the database and its folder are removed.")));

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return void process.stdout.write(help);
  const machine = describeMachine();
  const { only, ...parameters } = options;
  print(
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}`,
  );
  print(`Load before: ${machine.loadBefore} (others at work on this machine make every figure worse)`);
  print(`${options.users} users, ${options.seconds} s a run, ${options.pairs} interleaved pairs\n`);
  const figures: Figure[] = [];
  for await (const figure of measure(options)) {
    printFigure(figure);
    figures.push(figure);
  }
  print(`\nKept in ${await keepResults({ machine, parameters: { ...parameters, only: [...only] }, figures })}`);
  if (options.strict && !figures.every(isMet)) process.exitCode = 1;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: bars.join(",") },
      users: { type: "string", default: "100000" },
      seconds: { type: "string", default: "5" },
      pairs: { type: "string", default: "7" },
      seed: { type: "string", default: "usher" },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const only = new Set(values.only.toUpperCase().split(","));
  const unknown = [...only].filter((name) => !bars.includes(name));
  if (unknown.length > 0) throw new Error(`--only knows ${bars.join(", ")}, not ${unknown.join(", ")}.`);
  return {
    only,
    users: readWholeNumber("--users", values.users, { from: 300, to: 10_000_000 }),
    seconds: readWholeNumber("--seconds", values.seconds, { from: 1, to: 600 }),
    pairs: readWholeNumber("--pairs", values.pairs, { from: 1, to: 100 }),
    seed: values.seed,
    strict: values.strict,
  };
}

async function* measure(options: Options): AsyncGenerator<Figure> {
  const { only } = options;
  if (only.has("P8")) yield* await measureColdStart();
  const gate = only.has("P1") || only.has("P9");
  if (!gate && !["P3", "P7", "W", "L"].some((bar) => only.has(bar))) return;
  const ground = await prepare(options);
  try {
    interruption.signal.throwIfAborted();
    if (gate) yield* (await measureGate(ground, options)).filter((figure) => only.has(figure.name));
    if (only.has("P3")) yield* await measureRegistration(ground, options);
    if (only.has("P7")) yield* await measureWebhooks(ground, options);
    if (only.has("L")) yield* await measureEkycList(ground, options);
    if (only.has("W")) yield* await measureWalletLogIn(ground, options);
  } finally {
    await ground.close();
  }
}

async function prepare(options: Options): Promise<Ground> {
  const begun = performance.now();
  const ground = await prepareGround(options);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  print(
    `          ${options.users} users with their sealed journal on PostgreSQL ${ground.postgres}, prepared in ${seconds} s`,
  );
  return ground;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
