import type { SigningKey } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { appendLines, dropTornLine, readLastLine } from "./checkpoint-file.ts";
import { publishKey } from "./publish-key.ts";
import { type CheckpointRow, findCheckpoint, listCheckpointsAfter, lockExport } from "./sealer.queries.ts";

/** One line of the exported file. The statement says it all, signed; size and root are repeated for reading eyes. */
export type ExportedCheckpoint = { size: number; root: string; statement: string };

const checkpointsPerRound = 1_000;

/**
 * Appends to the file every checkpoint that it lacks, and waits until the disk has it. A crash between the commit of a
 * checkpoint and its export is so mended by the next call. `contradicts` is the size that the file ends with, when the
 * database has no such checkpoint: then nothing is written, for the file is the evidence.
 */
export async function exportCheckpoints(
  deps: { db: Db },
  input: { file: string; key: SigningKey },
): Promise<{ contradicts?: number }> {
  // The lock keeps two processes of one machine from writing the same line; the transaction changes nothing.
  return deps.db.transaction().execute(async (trx) => {
    await lockExport(trx);
    await publishKey(input.file, input.key);
    await dropTornLine(input.file);
    const last = await readLastLine(input.file);
    let { size } = last === undefined ? { size: 0 } : readExported(last);
    if (last !== undefined && !(await agrees(trx, readExported(last)))) return { contradicts: size };
    for (;;) {
      const rows = await listCheckpointsAfter(trx, size, checkpointsPerRound);
      if (rows.length > 0) await appendLines(input.file, rows.map(writeExported));
      if (rows.length < checkpointsPerRound) return {};
      size = Number(rows.at(-1)?.size);
    }
  });
}

async function agrees(db: Db, exported: ExportedCheckpoint): Promise<boolean> {
  const row = await findCheckpoint(db, exported.size);
  return row?.root.toString("hex") === exported.root;
}

function writeExported(row: CheckpointRow): string {
  const exported: ExportedCheckpoint = {
    size: Number(row.size),
    root: row.root.toString("hex"),
    statement: row.statement,
  };
  return JSON.stringify(exported);
}

/** @throws Error when the line is not one of ours */
export function readExported(line: string): ExportedCheckpoint {
  const { size, root, statement } = JSON.parse(line) as Record<string, unknown>;
  if (typeof size !== "number" || typeof root !== "string" || typeof statement !== "string") {
    throw new Error("A line of the exported checkpoints has no size, root and statement.");
  }
  return { size, root, statement };
}
