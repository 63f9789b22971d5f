import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { JSONWebKeySet } from "jose";
import { checkpointsFileOf } from "./checkpoints-file.ts";
import { type AuditReport, type FirstBad, keysFileOf, verifyJournal } from "./features/journal/index.ts";
import { findRunningServer, startEmbeddedPostgres } from "./foundation/database/embedded/index.ts";
import { connectDatabase } from "./foundation/database/index.ts";
import { createLogger } from "./foundation/logging/index.ts";

const help = `Verifies the journal: every entry, its place in the Merkle tree (RFC 6962), every signed checkpoint.
It only reads, in one snapshot (REPEATABLE READ, READ ONLY), and may run beside a working Usher or on a copy.

Usage: npm run audit:verify -- [options]

  --database-url <url>   the database; else DATABASE_URL, else the embedded database
  --checkpoints <file>   exported checkpoints, which show a cut tail and a rewritten history
  --keys <file>          public keys (JWKS) to check signatures with; else checkpoint-keys.json beside the checkpoints
  --help                 this text

It ends with 0 when the journal is whole, with 1 when it is not or could not be verified.
`;

/** A database to verify, and how to let it go afterwards. */
export type AuditedDatabase = { url: string; close(): Promise<void> };

type Deps = {
  write(text: string): void;
  /** Finds the database when no option names it: DATABASE_URL, else the embedded one. */
  findDatabase(): Promise<AuditedDatabase>;
  /** Where exported checkpoints are looked for when no option names them. */
  checkpointsFile?: string;
};

type Options = { "database-url"?: string; checkpoints?: string; keys?: string; help?: boolean };

/** Runs the verifier with command-line arguments. Gives the exit status; every outcome is written in sentences. */
export async function verifyAudit(deps: Deps, args: readonly string[]): Promise<0 | 1> {
  try {
    const options = readOptions(args);
    if (options.help) {
      deps.write(help);
      return 0;
    }
    const files = findFiles(deps, options);
    const report = await verifyWith(deps, options, files);
    deps.write(`${describeReport(report, files).join("\n")}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    deps.write(`The journal could not be verified: ${describeFailure(error)}\n`);
    return 1;
  }
}

function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const options = { "database-url": text, checkpoints: text, keys: text, help: { type: "boolean" } } as const;
  return parseArgs({ args: [...args], options, strict: true }).values;
}

type Files = { checkpoints: string | undefined; keys: string | undefined };

/** Named files must be there, or reading them fails; the usual ones are taken where they exist. */
function findFiles({ checkpointsFile }: Deps, options: Options): Files {
  const ifThere = (path: string | undefined) => (path !== undefined && existsSync(path) ? path : undefined);
  const checkpoints = options.checkpoints ?? ifThere(checkpointsFile);
  return { checkpoints, keys: options.keys ?? ifThere(checkpoints && keysFileOf(checkpoints)) };
}

async function verifyWith(deps: Deps, options: Options, files: Files): Promise<AuditReport> {
  const publicKeys = files.keys === undefined ? undefined : await readKeys(files.keys);
  const exportedCheckpoints = files.checkpoints === undefined ? undefined : await openLines(files.checkpoints);
  const url = options["database-url"];
  const database = url === undefined ? await deps.findDatabase() : { url, close: async () => undefined };
  const log = createLogger({ level: "silent" });
  const connection = connectDatabase({ url: database.url, poolSize: 1, applicationName: "usher audit", log });
  try {
    return await verifyJournal({ db: connection.db }, { publicKeys, exportedCheckpoints });
  } finally {
    await connection.close();
    await database.close();
  }
}

async function readKeys(path: string): Promise<JSONWebKeySet> {
  const set = JSON.parse(await readFile(path, "utf8")) as Partial<JSONWebKeySet>;
  if (!Array.isArray(set.keys)) throw new Error(`${path} holds no key set (JWKS): it has no "keys".`);
  return { keys: set.keys };
}

/** Opened before anything else, so that a missing file is said at once; read line by line as lines are asked for. */
async function openLines(path: string): Promise<AsyncIterable<string>> {
  const file = await open(path);
  return (async function* () {
    yield* file.readLines();
  })();
}

function describeReport(report: AuditReport, files: Files): string[] {
  const { entries, sealed, unsealed, checkpoints } = report;
  const verdict = report.firstBad
    ? ["The journal is NOT as it was recorded.", describeBad(report.firstBad), report.firstBad.what]
    : ["The journal is whole."];
  return [
    ...verdict,
    `Entries: ${entries}; sealed: ${sealed}, in ${checkpoints} checkpoints; not yet sealed: ${unsealed}.`,
    report.signaturesChecked
      ? `Signatures were checked with the keys in ${files.keys}.`
      : "Signatures were NOT checked: give the public keys with --keys.",
    files.checkpoints
      ? `The exported checkpoints in ${files.checkpoints} were compared; of good ones there are ${report.exported}.`
      : "No exported checkpoints were compared: a tail cut off with its checkpoints goes unnoticed. Give --checkpoints.",
  ];
}

function describeBad({ position, toPosition, seq, entryId }: FirstBad): string {
  const places = [
    position === null
      ? undefined
      : toPosition === undefined
        ? `position ${position}`
        : `positions ${position} to ${toPosition}`,
    seq === null ? undefined : `seq ${seq}`,
    entryId === null ? undefined : `entry ${entryId}`,
  ].filter((place) => place !== undefined);
  return places.length > 0 ? `First bad: ${places.join(", ")}.` : "The fault lies outside the entries.";
}

/** A failed connection to a name with several addresses has its text in its parts. */
function describeFailure(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : "of an unknown failure.";
}

/** DATABASE_URL, or the embedded database: the one a living Usher runs, else started for the look and stopped again. */
async function findDatabaseOfEnvironment(): Promise<AuditedDatabase> {
  const { DATABASE_URL, USHER_DATA_DIR = ".usher" } = process.env;
  const url = DATABASE_URL || (await findRunningServer(USHER_DATA_DIR));
  if (url) return { url, close: async () => undefined };
  if (!existsSync(join(USHER_DATA_DIR, "database.json"))) {
    throw new Error(
      "no database is named: give --database-url, set DATABASE_URL, or set USHER_DATA_DIR to the folder of the embedded one.",
    );
  }
  const embedded = await startEmbeddedPostgres({ dataDir: USHER_DATA_DIR });
  return { url: embedded.apiUrl, close: embedded.stop };
}

if (import.meta.main) {
  const write = (text: string) => void process.stdout.write(text);
  const { DATABASE_URL, USHER_DATA_DIR = ".usher" } = process.env;
  const checkpointsFile = checkpointsFileOf({ DATABASE_URL, USHER_DATA_DIR });
  process.exitCode = await verifyAudit(
    { write, findDatabase: findDatabaseOfEnvironment, checkpointsFile },
    process.argv.slice(2),
  );
}
