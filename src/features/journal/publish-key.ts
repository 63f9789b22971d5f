import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JSONWebKeySet } from "jose";
import type { SigningKey } from "../../foundation/crypto/index.ts";
import { syncFolder, undefinedIfMissing } from "./checkpoint-file.ts";
import { toPublicJwk } from "./sign-checkpoint.ts";

/** The public keys (JWKS) that belong to a file of exported checkpoints: `checkpoint-keys.json` beside it. */
export function keysFileOf(checkpointsFile: string): string {
  return join(dirname(checkpointsFile), "checkpoint-keys.json");
}

/** Adds the public part of the key to the keys file, when it is not there yet. Keys are never removed from it. */
export async function publishKey(checkpointsFile: string, key: SigningKey): Promise<void> {
  const path = keysFileOf(checkpointsFile);
  const text = await readFile(path, "utf8").catch(undefinedIfMissing);
  const known = text === undefined ? { keys: [] } : (JSON.parse(text) as JSONWebKeySet);
  if (known.keys.some((jwk) => jwk.kid === key.kid)) return;
  const next = `${path}.${process.pid}.new`;
  const file = await open(next, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ keys: [...known.keys, toPublicJwk(key)] }, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
  await syncFolder(dirname(path));
}
