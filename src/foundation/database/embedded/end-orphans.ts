import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * Ends what a killed start left running on a cluster that never came to be: an initdb outlives its parent and would go
 * on making folders. It is known by the cluster's random id on its command line, which no other program carries.
 */
export async function endOrphans(id: string): Promise<void> {
  // A killed process that nobody has reaped yet has no command line any more, so this comes to its end.
  for (let pids = await findByCommand(id); pids.length > 0; pids = await findByCommand(id)) {
    pids.forEach(kill);
    await pause(10);
  }
}

async function findByCommand(text: string): Promise<number[]> {
  return (await listProcesses()).filter(({ command }) => command.includes(text)).map(({ pid }) => pid);
}

type Process = { pid: number; command: string };

async function listProcesses(): Promise<Process[]> {
  if (process.platform === "linux") return listFromProc();
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,args="]);
  return stdout.split("\n").map((line) => {
    const [, pid, command] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command: command ?? "" };
  });
}

async function listFromProc(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return Promise.all(
    pids.map(async (pid) => {
      // A process may end between the two looks; then it has no command any more.
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(pid), command };
    }),
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
