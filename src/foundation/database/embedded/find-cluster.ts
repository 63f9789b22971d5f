import { access, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** One embedded database on disk: its files are in `folder/data`, its log is `folder/server.log`. */
export type Cluster = { folder: string; ownerPassword: string; apiPassword: string };

/** The file in the data directory that names the cluster and keeps its passwords (mode 0600). */
export function pointerFile(dataDir: string): string {
  return join(dataDir, "database.json");
}

/** The folder with PostgreSQL's own files. */
export function dataFolder(cluster: Cluster): string {
  return join(cluster.folder, "data");
}

/**
 * Finds the database that a data directory points at; undefined when it has none yet. Raises EmbeddedPostgresError when
 * the pointer cannot be understood or leads nowhere: beginning anew would look like the loss of everything.
 */
export async function findCluster(dataDir: string): Promise<Cluster | undefined> {
  const file = pointerFile(dataDir);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const cluster = parsePointer(text, file);
  cluster.folder = resolve(dataDir, cluster.folder);
  await access(join(dataFolder(cluster), "PG_VERSION")).catch((cause) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw cause;
    throw new EmbeddedPostgresError(
      `The database that ${file} points at is not in ${cluster.folder} any more: put it back, ` +
        "or delete that file to begin with an empty database.",
      { cause },
    );
  });
  return cluster;
}

/**
 * Raises EmbeddedPostgresError when the data was written by another major version than the binaries': PostgreSQL cannot
 * read it.
 */
export async function checkVersion(cluster: Cluster, version: string): Promise<void> {
  const written = (await readFile(join(dataFolder(cluster), "PG_VERSION"), "utf8")).trim();
  const installed = version.split(".")[0];
  if (written === installed) return;
  throw new EmbeddedPostgresError(
    `The database in ${cluster.folder} was written by PostgreSQL ${written}, and ${installed} is installed: ` +
      `run the Usher release that brought ${written}, or move the data over with pg_dump and pg_restore.`,
  );
}

function parsePointer(text: string, file: string): Cluster {
  try {
    const pointer = JSON.parse(text) as Partial<Cluster>;
    const { folder, ownerPassword, apiPassword } = pointer;
    if (folder && ownerPassword && apiPassword) return { folder, ownerPassword, apiPassword };
  } catch (cause) {
    throw new EmbeddedPostgresError(`${file} is damaged: put an undamaged copy back.`, { cause });
  }
  throw new EmbeddedPostgresError(`${file} lacks folder, ownerPassword or apiPassword: put an undamaged copy back.`);
}
