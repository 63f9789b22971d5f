import { createHash } from "node:crypto";
import { join } from "node:path";

/**
 * Where the journal's checkpoints are exported to, and where the verifier looks for them: in the data folder, a file for
 * each database, so that pointing DATABASE_URL at another one does not look like a rewritten history. The name comes from
 * the configuration, never from the database, whose history is what the file bears witness to.
 */
export function checkpointsFileOf(config: { USHER_DATA_DIR: string; DATABASE_URL?: string | undefined }): string {
  if (!config.DATABASE_URL) return join(config.USHER_DATA_DIR, "checkpoints.jsonl");
  const { hostname, port, pathname } = new URL(config.DATABASE_URL);
  const name = createHash("sha256")
    .update(`${hostname}:${port || 5432}${pathname}`)
    .digest("hex")
    .slice(0, 12);
  return join(config.USHER_DATA_DIR, `checkpoints-${name}.jsonl`);
}
