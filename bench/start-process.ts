import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A server in a process of its own that answers. */
export type Running = {
  url: string;
  pid: number;
  /** From the start of the process to its first answer of 200. */
  readyAfterSeconds: number;
  /** SIGTERM, then waits for the end. @throws Error when it did not end with 0 */
  stop(): Promise<void>;
};

export type ProcessPlan = {
  /** Arguments of Node: flags, file. */
  args: readonly string[];
  /** Everything that the process sees; PORT is where it listens on 127.0.0.1. */
  environment: Record<string, string>;
  /** Answers 200 when the server is ready. */
  readyPath: string;
};

const root = join(import.meta.dirname, "..");
const startSeconds = 60;

/** What `npm start` runs, so that what is measured is what is used: its environment and Node's arguments. */
function readStartScript(): { environment: Record<string, string>; args: string[] } {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } };
  const [, assignments, args] = /^exec env ((?:\S+=\S+ )+)node (.+)$/.exec(scripts.start) ?? [];
  if (!assignments || !args)
    throw new Error('The start script in package.json is not "exec env … node …" any more: teach bench/ its new form.');
  const environment = Object.fromEntries(
    assignments
      .trim()
      .split(" ")
      .map((pair) => pair.split("=") as [string, string]),
  );
  return { environment, args: args.split(" ") };
}

/** Node's arguments of `npm start`. */
export function startArguments(): string[] {
  return readStartScript().args;
}

/**
 * Starts a server and waits until it is ready.
 *
 * @throws Error when it ends before, or is not ready within a minute
 */
export async function startProcess({ args, environment, readyPath }: ProcessPlan): Promise<Running> {
  const begun = performance.now();
  const env = { PATH: process.env.PATH ?? "", ...readStartScript().environment, ...environment };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${environment.PORT}`;
  try {
    await waitUntilReady(child, `${url}${readyPath}`, begun);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    url,
    pid: child.pid as number,
    readyAfterSeconds: (performance.now() - begun) / 1000,
    stop: () => stop(child, args),
  };
}

async function waitUntilReady(child: ChildProcess, url: string, begun: number): Promise<void> {
  while (performance.now() - begun < startSeconds * 1000) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with ${child.exitCode} before it was ready; its own words stand above.`);
    // Refused until it listens: that is what is waited for.
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await wait(10);
  }
  throw new Error(`The server was not ready within ${startSeconds} seconds.`);
}

async function stop(child: ChildProcess, args: readonly string[]): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  if (child.exitCode !== 0)
    throw new Error(`${args.at(-1)} ended with ${child.exitCode ?? child.signalCode} when it was told to stop.`);
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
