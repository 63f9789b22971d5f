import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import type { Clock } from "./foundation/clock/index.ts";
import {
  createCursors,
  createKeyedHash,
  createPlatformSeal,
  deriveKey,
  loadSigningKeys,
  readMasterKey,
  type SigningKey,
} from "./foundation/crypto/index.ts";
import type { Db } from "./foundation/database/index.ts";

/** Everything that is derived from the master key, one key for one purpose. */
export type Keys = Awaited<ReturnType<typeof loadKeys>>;

/** Loads the keys of this process: MASTER_KEY, or in sandbox mode the one made and kept in the data folder. */
export async function loadKeys(config: Config) {
  const masterKey = config.MASTER_KEY ?? (await keepSandboxKey(config.USHER_DATA_DIR));
  const sealKey = deriveKey(masterKey, "seal");
  return {
    wrappingKey: sealKey,
    seal: createPlatformSeal(sealKey),
    hash: createKeyedHash(deriveKey(masterKey, "hash")),
    cursors: createCursors(deriveKey(masterKey, "cursor")),
    cookieKey: deriveKey(masterKey, "cookie"),
  };
}

/** Made once, readable by its owner only; whoever comes second reads what the first has written. */
async function keepSandboxKey(dataDir: string): Promise<Buffer> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "master.key");
  const made = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    return undefined;
  });
  if (made) {
    await made.writeFile(`${randomBytes(32).toString("base64")}\n`);
    await made.sync();
    await made.close();
  }
  return readMasterKey(await readFile(path, "utf8"));
}

/**
 * The keys that sign tokens. They rest sealed in the database, so a master key that does not fit shows here first.
 *
 * @throws Error with the remedy when the database was written under another master key
 */
export async function loadTokenKeys(deps: {
  db: Db;
  clock: Clock;
  keys: Keys;
}): Promise<[SigningKey, ...SigningKey[]]> {
  try {
    return await loadSigningKeys({ db: deps.db, clock: deps.clock, seal: deps.keys.seal }, "tokens");
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_JWE_DECRYPTION_FAILED") throw cause;
    throw new Error(
      "The master key does not fit this database: set MASTER_KEY (or USHER_DATA_DIR) to the one it was first started with.",
      { cause },
    );
  }
}
