import type { Clock } from "../../foundation/clock/index.ts";
import type { SigningKey } from "../../foundation/crypto/index.ts";
import type { Db } from "../../foundation/database/index.ts";
import type { Logger } from "../../foundation/logging/index.ts";
import { exportCheckpoints } from "./export-checkpoints.ts";
import { sealBatch } from "./seal-batch.ts";

/** Seals what was recorded. Any number of processes may have one: one of them works at a time. */
export type Sealer = {
  /**
   * Seals every entry below the horizon, then exports the checkpoints that the file lacks. Gives the sealed size, or
   * undefined at once when another sealer is at work. A failed export is logged as an error and made up for by the next
   * call.
   *
   * @throws Error when the newest checkpoint does not fit the journal, or the database does not answer
   */
  sealNow(): Promise<{ size: number } | undefined>;
};

export type SealerDeps = {
  db: Db;
  clock: Clock;
  log: Logger;
  /** The key to sign with; asked for once a call, outside any transaction. */
  loadKey(): Promise<SigningKey>;
  /** File for the checkpoints, one JSON object a line; `checkpoint-keys.json` stands beside it. Without it: no export. */
  exportTo?: string;
  /** At most so many entries in one checkpoint, 1 to 50,000; 5,000 when unset. */
  entriesPerCheckpoint?: number;
};

/** Makes a sealer. */
export function createSealer(deps: SealerDeps): Sealer {
  const limit = deps.entriesPerCheckpoint ?? 5_000;
  return {
    sealNow: async () => {
      const key = await deps.loadKey();
      let sealed = await sealBatch(deps, { key, limit });
      if (!sealed) return undefined;
      for (let last = sealed; last.added === limit; ) {
        const further = await sealBatch(deps, { key, limit });
        // Another process took over between two batches: it goes on from here.
        if (!further) break;
        last = further;
        sealed = further;
      }
      await exportOrSay(deps, key);
      return { size: sealed.size };
    },
  };
}

async function exportOrSay({ db, log, exportTo }: SealerDeps, key: SigningKey): Promise<void> {
  if (exportTo === undefined) return;
  try {
    const exported = await exportCheckpoints({ db }, { file: exportTo, key });
    if (exported.contradicts === undefined) return;
    log.error(
      "The exported checkpoints contradict the database: entries were removed or rewritten since, or the file belongs " +
        "to another database. Nothing is exported; run `npm run audit:verify`, and put the file away if it is not ours.",
      { size: exported.contradicts },
    );
  } catch (error) {
    log.error("The journal's checkpoints could not be exported; the next sealing tries again.", { error });
  }
}
