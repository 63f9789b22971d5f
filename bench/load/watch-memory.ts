import { readFileSync } from "node:fs";

/** Resident memory of a process in MB (10^6 bytes), from /proc; undefined where the system has none. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Looks every 100 ms while `work` runs; gives its result and the highest value seen. */
export async function watchMemory<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; peak: number | undefined }> {
  let peak = residentMegabytes(pid);
  const timer = setInterval(() => {
    const now = residentMegabytes(pid);
    if (now !== undefined) peak = Math.max(peak ?? 0, now);
  }, 100);
  try {
    const result = await work();
    return { result, peak };
  } finally {
    clearInterval(timer);
  }
}
