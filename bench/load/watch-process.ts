import { readFileSync } from "node:fs";

/** What a run cost the server. Undefined where the system has no /proc. */
export type Cost = {
  /** Highest resident memory seen, in MB (10^6 bytes). */
  peakMegabytes: number | undefined;
  /** Processor time of the whole process, all threads: unlike rates, hardly disturbed by others on the machine. */
  processorSeconds: number | undefined;
};

/** Linux counts processor time in these, on every architecture that Node runs on: man 5 proc, man 2 times. */
const ticksPerSecond = 100;

/** Resident memory in MB (10^6 bytes). */
export function residentMegabytes(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, "status") ?? "")?.[1];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}

/** Looks at a process every 100 ms while `work` runs; gives its result and what it cost. */
export async function watchProcess<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; cost: Cost }> {
  let peakMegabytes = residentMegabytes(pid);
  const timer = setInterval(() => {
    const now = residentMegabytes(pid);
    if (now !== undefined) peakMegabytes = Math.max(peakMegabytes ?? 0, now);
  }, 100);
  const before = processorSeconds(pid);
  try {
    const result = await work();
    const after = processorSeconds(pid);
    return {
      result,
      cost: {
        peakMegabytes,
        processorSeconds: before === undefined || after === undefined ? undefined : after - before,
      },
    };
  } finally {
    clearInterval(timer);
  }
}

/** Fields 14 and 15 of /proc/<pid>/stat; the name before them may hold blanks, hence the count from its bracket. */
function processorSeconds(pid: number): number | undefined {
  const fields = readProc(pid, "stat")?.split(") ").at(-1)?.split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function readProc(pid: number, file: "stat" | "status"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
