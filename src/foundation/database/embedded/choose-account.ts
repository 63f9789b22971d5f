import { readFile, stat } from "node:fs/promises";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** The system user that PostgreSQL runs as, when that is not the one this process runs as. */
export type Account = { uid: number; gid: number };

/**
 * The account for a new database: undefined when this process is not root (PostgreSQL runs as ourselves), otherwise
 * the system's `postgres`, else `nobody`, because PostgreSQL refuses to run as root. Raises EmbeddedPostgresError when
 * root has neither.
 */
export async function chooseAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile("/etc/passwd", "utf8"));
  const account = accounts.get("postgres") ?? accounts.get("nobody");
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    "PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody: " +
      "start Usher as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own.",
  );
}

/** The account that an existing data folder belongs to: as root, PostgreSQL goes on as whoever created it. */
export async function findOwnerAccount(dataFolder: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(dataFolder);
  if (uid !== 0) return { uid, gid };
  throw new EmbeddedPostgresError(
    `The database in ${dataFolder} belongs to root, and PostgreSQL refuses to run as root: ` +
      "give the folder to the user postgres (chown -R), or set DATABASE_URL to a PostgreSQL server of your own.",
  );
}

/** Reads passwd(5) lines: name, password, uid, gid. */
function parseAccounts(passwd: string): Map<string, Account> {
  const lines = passwd.split("\n").map((line) => line.split(":"));
  return new Map(lines.map(([name = "", , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]));
}
