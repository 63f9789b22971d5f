import { chmodSync, closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";

/** A keyed store kept as JSON lines, one `{"key", "value"}` a line; the last line of a key wins, a null value removes it. */
export type StateFile<T> = {
  /** What the file held when it was opened, oldest write first. */
  readonly initial: ReadonlyMap<string, T>;
  /** Writes before it returns, so that a value told to anyone survives a kill of this process. */
  put(key: string, value: T): void;
  remove(key: string): void;
  /** Further writes are ignored afterwards. */
  close(): void;
};

const COMPACT_ABOVE_BYTES = 8 * 1024 * 1024;

/**
 * Opens a state file: replays it, drops a torn last line (the process died while writing it), and writes it anew without
 * what was overwritten. It does so again whenever the file has outgrown 8 MiB and four times its live content.
 * Without a path nothing is kept. Only one process may hold a file; the data folder's own lock sees to that.
 *
 * @throws Error naming the file and line when a line other than the last cannot be read.
 */
export function openStateFile<T>(path: string | undefined): StateFile<T> {
  if (path === undefined) return { initial: new Map(), put: () => {}, remove: () => {}, close: () => {} };
  const initial = replay<T>(path);
  const live = new Map([...initial].map(([key, value]) => [key, toLine(key, value)]));
  const log = openLog(path, live);
  return {
    initial,
    put: (key, value) => log.write(key, toLine(key, value)),
    remove: (key) => live.has(key) && log.write(key, undefined),
    close: () => log.close(),
  };
}

function openLog(path: string, live: Map<string, string>) {
  let descriptor: number | undefined;
  let fileBytes = 0;
  let liveBytes = 0;
  function compact() {
    if (descriptor !== undefined) closeSync(descriptor);
    const temporary = `${path}.new`;
    const content = [...live.values()].join("");
    rmSync(temporary, { force: true });
    writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
    chmodSync(path, 0o600);
    descriptor = openSync(path, "a", 0o600);
    fileBytes = Buffer.byteLength(content);
    liveBytes = fileBytes;
  }
  compact();
  return {
    write(key: string, line: string | undefined) {
      if (descriptor === undefined) return;
      const written = writeAll(descriptor, line ?? toLine(key, null));
      fileBytes += written;
      liveBytes += (line === undefined ? 0 : written) - Buffer.byteLength(live.get(key) ?? "");
      // Deleted first, so that the map stays in the order of the newest write, as a replay of the file would be.
      live.delete(key);
      if (line !== undefined) live.set(key, line);
      if (fileBytes > COMPACT_ABOVE_BYTES && fileBytes > 4 * liveBytes) compact();
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function writeAll(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

function toLine(key: string, value: unknown): string {
  return `${JSON.stringify({ key, value })}\n`;
}

function replay<T>(path: string): Map<string, T> {
  const lines = readIfThere(path).split("\n");
  // After the last newline there is either nothing or a torn line: neither was ever acknowledged.
  lines.pop();
  const values = new Map<string, T>();
  for (const [index, line] of lines.entries()) {
    const { key, value } = parseLine<T>(path, index + 1, line);
    values.delete(key);
    if (value !== null) values.set(key, value);
  }
  return values;
}

function parseLine<T>(path: string, lineNumber: number, line: string): { key: string; value: T | null } {
  try {
    return JSON.parse(line) as { key: string; value: T | null };
  } catch (cause) {
    throw new Error(
      `Line ${lineNumber} of the sandbox state file ${path} is not JSON. Delete the file to start the sandbox empty.`,
      { cause },
    );
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
