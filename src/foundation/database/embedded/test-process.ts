/** The process that tests kill: starts as told by its argument, reports in one line, and holds the database. */
import { startOnMachine } from "./start-embedded-postgres.ts";

const { machine, dataDir, after } = JSON.parse(process.argv[2] ?? "{}");
try {
  const { ownerUrl, adopted } = await startOnMachine(machine, { dataDir, settings: { fsync: "off" } });
  process.stdout.write(`${JSON.stringify({ ownerUrl, adopted })}\n`);
  if (after === "hold") setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
