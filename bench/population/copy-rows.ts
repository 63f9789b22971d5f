import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";

/** What a cell may hold. */
export type Cell = string | number | boolean | Date | null | undefined;

/** Adds rows with COPY; the columns are those of the first row. Does nothing for no rows. */
export async function copyRows(client: pg.Client, table: string, rows: readonly Record<string, Cell>[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return;
  const names = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
  const target = client.query(from(`copy ${pg.escapeIdentifier(table)} (${names}) from stdin`));
  await pipeline(Readable.from(writeChunks(rows, columns)), target);
}

/** Some hundred rows at a time: a chunk a row would cost more than the row. */
function* writeChunks(rows: readonly Record<string, Cell>[], columns: readonly string[]): Generator<string> {
  for (let start = 0; start < rows.length; start += 500) {
    const lines = rows
      .slice(start, start + 500)
      .map((row) => columns.map((column) => writeCell(row[column])).join("\t"));
    yield `${lines.join("\n")}\n`;
  }
}

const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** The text format of COPY: postgresql.org/docs/18/sql-copy.html, "Text Format". */
function writeCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "\\N";
  if (cell instanceof Date) return cell.toISOString();
  return String(cell).replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}
