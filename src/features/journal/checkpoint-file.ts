import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** Far longer than a line. */
const tailBytes = 64 * 1024;

/** Appends lines and waits until the disk has them. The file is made for its owner's eyes only. */
export async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    const isNew = (await file.stat()).size === 0;
    await file.writeFile(`${lines.join("\n")}\n`);
    await file.sync();
    if (isNew) await syncFolder(dirname(path));
  } finally {
    await file.close();
  }
}

/** A new file's name is only durable with its folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The last whole line; undefined when there is none, or no file. */
export async function readLastLine(path: string): Promise<string | undefined> {
  return (await readTail(path))?.whole.trimEnd().split("\n").at(-1) || undefined;
}

/** Cuts off what a crash in the middle of writing left after the last whole line. */
export async function dropTornLine(path: string): Promise<void> {
  const tail = await readTail(path);
  if (!tail || tail.torn === 0) return;
  const file = await open(path, "r+");
  try {
    await file.truncate(tail.size - tail.torn);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readTail(path: string): Promise<{ whole: string; torn: number; size: number } | undefined> {
  const file = await open(path, "r").catch(undefinedIfMissing);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
    return { whole: buffer.subarray(0, end).toString("utf8"), torn: bytesRead - end, size };
  } finally {
    await file.close();
  }
}

/** For files that need not be there. @throws every other error */
export function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
