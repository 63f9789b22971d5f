import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the Veriff double and Usher's client share: both look like UUIDs, as Veriff's own do. */
export type SandboxKeys = { apiKey: string; sharedSecret: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The random keys of one data folder, made on the first call and kept in `<dataDir>/sandbox.json` (mode 0600), so that
 * no sandbox shares a default secret with another.
 *
 * @throws Error naming the file when it holds something else.
 */
export async function getSandboxKeys(dataDir: string): Promise<SandboxKeys> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, "sandbox.json");
  const keys = { apiKey: randomUUID(), sharedSecret: randomUUID() };
  try {
    // "wx" lets exactly one of two first starts create the file; the other one reads it.
    await writeFile(path, `${JSON.stringify({ veriff: keys }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return parseKeys(path, await readFile(path, "utf8"));
  }
}

function parseKeys(path: string, text: string): SandboxKeys {
  try {
    const { veriff } = JSON.parse(text) as { veriff: SandboxKeys };
    if (UUID.test(veriff.apiKey) && UUID.test(veriff.sharedSecret)) {
      return { apiKey: veriff.apiKey, sharedSecret: veriff.sharedSecret };
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path, undefined);
}

function unreadable(path: string, cause: unknown): Error {
  return new Error(`${path} does not hold the sandbox keys. Delete it: the next start makes new ones.`, { cause });
}
