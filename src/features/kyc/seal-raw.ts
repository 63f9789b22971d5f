import type { PlatformSeal } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import { PersonalKeyDestroyed, type PersonKeys } from "../personal-data/index.ts";

type SealDeps = { seal: PlatformSeal; personKeys: PersonKeys };

/** What the raw bytes are bound to. */
const field = "webhook";

/**
 * Seals the exact bytes of a delivery: with the person's key where the person is known, so that erasing them takes it
 * away, else with the platform's. Of an erased person nothing is kept. Latin-1 keeps one character for each byte.
 */
export async function sealRaw(
  deps: SealDeps,
  db: Db,
  body: Buffer,
  userId: string | null,
): Promise<{ sealed: string | null; sealedFor: string | null }> {
  const text = body.toString("latin1");
  if (userId === null) return { sealed: await deps.seal.seal(text), sealedFor: null };
  try {
    return { sealed: await deps.personKeys.sealFor(db, userId, field, text), sealedFor: userId };
  } catch (error) {
    if (error instanceof PersonalKeyDestroyed) return { sealed: null, sealedFor: userId };
    throw error;
  }
}

/** The bytes back; undefined where nothing is kept or the person was erased. */
export async function findRaw(
  deps: SealDeps,
  db: Db,
  row: { raw_sealed: string | null; sealed_for: string | null },
): Promise<Buffer | undefined> {
  if (row.raw_sealed === null) return undefined;
  const text =
    row.sealed_for === null
      ? await deps.seal.open<string>(row.raw_sealed)
      : await deps.personKeys.findOpenFor<string>(db, row.sealed_for, field, row.raw_sealed);
  return text === undefined ? undefined : Buffer.from(text, "latin1");
}
