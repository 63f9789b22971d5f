import { execFile } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmbeddedPostgres } from "../src/foundation/database/embedded/index.ts";
import { migrateDatabase } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";

/** Writes `src/tables.gen.ts` from a freshly migrated database: run it after every new migration. */
const target = fileURLToPath(new URL("../src/tables.gen.ts", import.meta.url));

/** Row types reach the foundation's `Database` by declaration merging, so that it knows no table by name. */
const merging = `
declare module "./foundation/database/database.ts" {
  interface Database extends DB {}
}
`;

const folder = await mkdtemp(join(tmpdir(), "usher-tables-"));
const server = await startEmbeddedPostgres({ dataDir: folder, settings: { fsync: "off" } });
try {
  await migrateDatabase(server.ownerUrl, createLogger({ level: "error" }));
  const options = [
    "--dialect",
    "postgres",
    "--date-parser",
    "string",
    "--exclude-pattern",
    "public.kysely_*",
    "--out-file",
    target,
  ];
  await promisify(execFile)("kysely-codegen", ["--url", server.ownerUrl, ...options]);
  await appendFile(target, merging);
  process.stdout.write("src/tables.gen.ts is up to date.\n");
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
