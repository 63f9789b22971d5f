import { setTimeout as pause } from "node:timers/promises";
import { isPostmasterOf } from "./find-postmaster.ts";

const fastLimitMs = 30_000;

/**
 * Stops PostgreSQL and waits until its process has ended, whoever started it. First "fast": open transactions are rolled
 * back and everything is written out. After 30 seconds "immediate": the next start then replays the log, nothing
 * committed is lost.
 * Signals: postgresql.org/docs/18/server-shutdown.html.
 */
export async function stopPostmaster({ pid, dataFolder }: { pid: number; dataFolder: string }): Promise<void> {
  const deadline = performance.now() + fastLimitMs;
  let asked: NodeJS.Signals | undefined;
  while (await isPostmasterOf(pid, dataFolder)) {
    const signal = performance.now() > deadline ? "SIGQUIT" : "SIGINT";
    if (signal !== asked) sendSignal(pid, signal);
    asked = signal;
    await pause(10);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
