import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUsher } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { systemClock } from "../../src/foundation/clock/index.ts";
import { randomIds } from "../../src/foundation/ids/index.ts";
import { createLogger } from "../../src/foundation/logging/index.ts";
import type { OpenDatabase } from "../../src/open-database.ts";

/** One operation, as far as the other documents need it: its refusals stand in the descriptions of its answers. */
export type Operation = { responses?: Record<string, { description?: string }> };

/** The API's description. */
export type OpenApi = { paths: Record<string, Record<string, Operation>> };

/**
 * Asks a whole, composed Usher for its description, through its own route, without listening. It gets a database of its
 * own, embedded and temporary, where none is given.
 */
export async function readOpenApi(database?: OpenDatabase): Promise<OpenApi> {
  const dataDir = await mkdtemp(join(tmpdir(), "usher-docs-"));
  const usher = await createUsher({
    config: readConfig({
      PUBLIC_URL: "http://localhost:8080",
      SANDBOX_PORT: "0",
      USHER_DATA_DIR: dataDir,
      LOG_LEVEL: "silent",
    }),
    log: createLogger({ level: "silent" }),
    clock: systemClock,
    ids: randomIds,
    version: await readVersion(),
    database,
  });
  try {
    return (await usher.app.inject("/openapi.json")).json();
  } finally {
    await usher.stop(5);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
