import type { JSONWebKeySet } from "jose";
import type { Transaction } from "kysely";
import type { Database, Db } from "../../foundation/database/index.ts";
import type { FirstBad } from "./first-bad.ts";
import { type ExportedLines, type ExportedReading, readExportedLines } from "./read-exported.ts";
import { createStatementCheck, type StatementCheck } from "./sign-checkpoint.ts";
import { countJournal, liftTimeouts, pageUnsealed } from "./verifier.queries.ts";
import { findFaultOfEntry } from "./verify-entry.ts";
import { verifySealed } from "./verify-sealed.ts";

/** What a verification found. */
export type AuditReport = {
  ok: boolean;
  /** False when no public keys were given: hashes and links were checked, signatures were not. */
  signaturesChecked: boolean;
  entries: number;
  sealed: number;
  /** Recorded and not yet sealed; normal while somebody works. */
  unsealed: number;
  checkpoints: number;
  /** Exported checkpoints read. */
  exported: number;
  firstBad?: FirstBad;
};

/**
 * Checks the whole journal in one read-only snapshot: every entry against its leaf and its columns, every checkpoint's
 * root, computed anew (RFC 6962), signature and link, and every exported checkpoint against the database, whose tail may
 * have been cut. Stops at the first fault. Memory is bounded, whatever the journal's length.
 *
 * @throws Error when the database does not answer
 */
export async function verifyJournal(
  deps: { db: Db },
  input: { publicKeys?: JSONWebKeySet; exportedCheckpoints?: ExportedLines },
): Promise<AuditReport> {
  const check = await createStatementCheck(input.publicKeys);
  return deps.db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (trx) => {
      await liftTimeouts(trx);
      const counts = await countJournal(trx);
      const exported = readExportedLines(check, input.exportedCheckpoints ?? []);
      const firstBad = await findFirstBad(trx, check, exported);
      return {
        ok: firstBad === undefined,
        signaturesChecked: input.publicKeys !== undefined,
        ...counts,
        unsealed: Math.max(0, counts.entries - counts.sealed),
        exported: exported.count(),
        firstBad,
      };
    });
}

/** A bad line of the export comes last: what is wrong in the database matters more. */
async function findFirstBad(
  trx: Transaction<Database>,
  check: StatementCheck,
  exported: ExportedReading,
): Promise<FirstBad | undefined> {
  const inDatabase = (await verifySealed(trx, check, exported.checkpoints)) ?? (await verifyUnsealed(trx));
  if (inDatabase) return inDatabase;
  const what = exported.firstWrong();
  return what === undefined ? undefined : { position: null, seq: null, entryId: null, what };
}

async function verifyUnsealed(trx: Transaction<Database>): Promise<FirstBad | undefined> {
  for await (const page of pageUnsealed(trx)) {
    for (const entry of page) {
      const what = entry.passedOver ? passedOver : findFaultOfEntry(entry);
      if (what !== undefined) return { position: null, seq: entry.seq, entryId: entry.entry_id, what };
    }
  }
  return undefined;
}

const passedOver = "The entry stands before entries that are sealed, and is not: it was put there afterwards.";
