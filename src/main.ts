import { readFileSync } from "node:fs";
import { createUsher } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { systemClock } from "./foundation/clock/index.ts";
import { ConfigurationError } from "./foundation/config/index.ts";
import { randomIds } from "./foundation/ids/index.ts";
import { createLogger, type Logger } from "./foundation/logging/index.ts";
import { printWelcome } from "./welcome.ts";

/** How long a stop waits for what runs. */
const graceSeconds = 20;

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

await main();

/** Starts the process and stays until it is told to stop: config, database, app, jobs; then the same way back. */
async function main(): Promise<void> {
  if (process.argv.includes("--help")) return printHelp();
  const config = readConfigOrExit();
  const log = createLogger({ level: config.LOG_LEVEL });
  const stopping = stopSignal(log);
  try {
    const usher = await createUsher({ config, log, clock: systemClock, ids: randomIds, version });
    try {
      const addresses = await usher.start();
      printWelcome(config, addresses, version);
      await stopping;
    } finally {
      await usher.stop(graceSeconds);
    }
  } catch (error) {
    explainAndFail(error, log);
  }
}

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/**
 * Resolves at the first SIGTERM or Ctrl-C. A second one does not wait for what runs; but npm hands on to us what the
 * terminal has sent us already, so that one Ctrl-C comes twice: within a second it counts once.
 */
function stopSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        const now = performance.now();
        if (askedAt !== undefined && now - askedAt > 1000) process.exit(130);
        if (askedAt !== undefined) return;
        askedAt = now;
        log.info("stopping: what runs is finished, nothing new is taken", { signal });
        resolve();
      });
    }
  });
}

/** Start-up errors are written for people: our own carry cause and remedy in their message. */
function explainAndFail(error: unknown, log: Logger): void {
  log.error("Usher could not start", { error });
  process.stderr.write(`\nUsher could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  // What was half put together may still hold the process open.
  process.exit(1);
}

function printHelp(): void {
  process.stdout.write(
    "Usher starts with `npm start`. It is configured by environment variables alone; README.md lists them.\n",
  );
}
