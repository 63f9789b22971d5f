import { type ExportedCheckpoint, readExported } from "./export-checkpoints.ts";
import type { StatementCheck } from "./sign-checkpoint.ts";

/** Lines of an exported file. */
export type ExportedLines = Iterable<string> | AsyncIterable<string>;

/** The good checkpoints of an exported file, to be taken one by one; the rest is known once they are all taken. */
export type ExportedReading = {
  checkpoints: AsyncGenerator<ExportedCheckpoint, undefined>;
  count(): number;
  /** What is wrong with the first bad line, as a sentence. */
  firstWrong(): string | undefined;
};

/** Reads exported checkpoints line by line and checks their signatures and order. Empty lines are left out. */
export function readExportedLines(check: StatementCheck, lines: ExportedLines): ExportedReading {
  let count = 0;
  let firstWrong: string | undefined;
  async function* read(): AsyncGenerator<ExportedCheckpoint, undefined> {
    let number = 0;
    let size = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() === "") continue;
      const exported = await readLine(check, line, size);
      if ("wrong" in exported) {
        firstWrong ??= `Line ${number} of the exported checkpoints ${exported.wrong}.`;
      } else {
        count += 1;
        size = exported.size;
        yield exported;
      }
    }
  }
  return { checkpoints: read(), count: () => count, firstWrong: () => firstWrong };
}

async function readLine(
  check: StatementCheck,
  line: string,
  sizeBefore: number,
): Promise<ExportedCheckpoint | { wrong: string }> {
  let exported: ExportedCheckpoint;
  try {
    exported = readExported(line);
  } catch {
    return { wrong: "is not a checkpoint" };
  }
  const checked = await check(exported.statement);
  if ("wrong" in checked) return checked;
  const { size, root } = checked.statement;
  if (size !== exported.size || root !== exported.root || size < 1) {
    return { wrong: "says beside its signed statement something else than in it" };
  }
  return size < sizeBefore ? { wrong: "is smaller than the one before it" } : exported;
}
