import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Ports for those who must know theirs before they listen. A port that the system gave out and took back may be given
 * to anybody's connection a moment later. These stand below the range that any system gives out by itself, and each
 * process has some of its own: processes that run side by side have neighbouring numbers.
 */
const lowest = 12_000;
const portsEach = 16;
const shares = 1_200;

let taken = 0;

/** A port of 127.0.0.1 that nobody listens on, and that nobody else will be given before the caller listens. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < portsEach; attempt += 1) {
    const port = lowest + (process.pid % shares) * portsEach + (taken % portsEach);
    taken += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`All ${portsEach} ports of this process are in use: stop what listens on them.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
  server.close();
  await once(server, "close");
  return true;
}
