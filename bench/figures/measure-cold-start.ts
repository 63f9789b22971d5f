import type { Figure } from "../report.ts";
import { round } from "../report.ts";
import { findFreePort, startArguments, startProcess } from "../start-process.ts";
import { median } from "../statistics.ts";
import { makeUsherFolder, removeUsherFolder } from "../usher-folder.ts";

const repeats = 3;

/** P8: from the start of the process to ready, from nothing and again on what that left. */
export async function measureColdStart(): Promise<Figure[]> {
  const fromNothing: number[] = [];
  const again: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const dataDir = await makeUsherFolder();
    fromNothing.push(await startAndStop(dataDir));
    again.push(await startAndStop(dataDir));
    await removeUsherFolder(dataDir);
  }
  const describe = (what: string, samples: readonly number[], atMost: number): Figure => {
    const note = `median of ${samples.map(round).join(", ")} s; /readyz answers 200`;
    return { name: "P8", what, value: median(samples), unit: "s", bar: { atMost }, note, samples };
  };
  return [
    describe("start from nothing, embedded database", fromNothing, 8),
    describe("start on existing data", again, 3),
  ];
}

async function startAndStop(dataDir: string): Promise<number> {
  const environment = {
    USHER_DATA_DIR: dataDir,
    PORT: String(await findFreePort()),
    SANDBOX_PORT: String(await findFreePort()),
    LOG_LEVEL: "error",
  };
  const usher = await startProcess({ args: startArguments(), environment, readyPath: "/readyz" });
  await usher.stop();
  return usher.readyAfterSeconds;
}
