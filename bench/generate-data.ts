import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "../src/foundation/database/embedded/index.ts";
import { migrateDatabase } from "../src/foundation/database/index.ts";
import { createLogger } from "../src/foundation/logging/index.ts";
import { writePopulation } from "./population/write-population.ts";
import { readWholeNumber } from "./read-whole-number.ts";

const help = `Writes a believable population with its journal: npm run bench:data -- [options]

  --users N            how many, 1 to 10000000 (100000)
  --operators N        how many of them are internal-admins (20)
  --seed TEXT          the same seed and date give the same people (usher)
  --until DATE         end of their history, YYYY-MM-DD (today)
  --database-url URL   the database's owner; else DATABASE_OWNER_URL, else DATABASE_URL,
                       else the embedded database in USHER_DATA_DIR (.usher), while Usher is stopped
  --help

Nobody of them has a password or a personal key: they can be read, listed and moved, not logged in as.
`;

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "100000" },
      operators: { type: "string", default: "20" },
      seed: { type: "string", default: "usher" },
      until: { type: "string", default: new Date().toISOString().slice(0, 10) },
      "database-url": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const users = readWholeNumber("--users", values.users, { from: 1, to: 10_000_000 });
  const operators = readWholeNumber("--operators", values.operators, { from: 1, to: users });
  const until = new Date(`${values.until}T00:00:00.000Z`);
  if (Number.isNaN(until.getTime())) throw new Error("--until must be a date such as 2026-06-30.");
  const database = await findDatabase(values["database-url"]);
  try {
    const begun = performance.now();
    const written = await writePopulation(database.ownerUrl, { users, operators, seed: values.seed, until });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(`Wrote ${written.users} users with ${written.entries} journal entries in ${seconds} s.\n`);
  } finally {
    await database.stop();
  }
}

async function findDatabase(given: string | undefined): Promise<{ ownerUrl: string; stop(): Promise<void> }> {
  const ownerUrl = given ?? process.env.DATABASE_OWNER_URL ?? process.env.DATABASE_URL;
  if (ownerUrl) return { ownerUrl, stop: async () => {} };
  const embedded = await startEmbeddedPostgres({ dataDir: process.env.USHER_DATA_DIR ?? ".usher" });
  await migrateDatabase(embedded.ownerUrl, createLogger({ level: "error" }));
  return embedded;
}
