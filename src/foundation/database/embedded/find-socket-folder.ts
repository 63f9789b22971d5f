import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Cluster } from "./find-cluster.ts";

/** What a socket's address holds on macOS, one byte less than what it is kept in; Linux has four more. */
const longestSocketPath = 103;

/**
 * The folder of the server's Unix-domain socket, which is closed to others as the data is: a statement takes less work on
 * this way than by TCP. Undefined where its path would be too long, or has a character that separates folders in
 * PostgreSQL's list of them, or where the file system has no sockets: PostgreSQL would not start, and TCP does as well.
 */
export async function findSocketFolder({ folder }: Cluster): Promise<string | undefined> {
  const path = join(folder, ".s.PGSQL.65535");
  if (Buffer.byteLength(path) > longestSocketPath || /[",]/.test(path)) return undefined;
  return (await hasSockets(folder)) ? folder : undefined;
}

async function hasSockets(folder: string): Promise<boolean> {
  // Closing removes the file.
  const probe = createServer().listen(join(folder, `s.${randomBytes(4).toString("hex")}`));
  try {
    await once(probe, "listening");
  } catch {
    return false;
  }
  probe.close();
  await once(probe, "close");
  return true;
}
