import type { Transaction } from "kysely";
import type { Clock } from "../../foundation/clock/index.ts";
import type { SigningKey } from "../../foundation/crypto/index.ts";
import type { Database, Db } from "../../foundation/database/index.ts";
import { emptyTree, growTree, type MerkleTree, rootOf } from "./merkle-tree.ts";
import {
  type CheckpointRow,
  findNewestCheckpoint,
  findSealedEntry,
  hasForeignEntry,
  insertCheckpoint,
  sealLeftEntries,
  sealNextEntries,
  tryToLockSealer,
} from "./sealer.queries.ts";
import { signCheckpoint } from "./sign-checkpoint.ts";

/** The journal's sealed size afterwards, and how many entries this batch added to it. */
export type SealedBatch = { size: number; added: number };

/**
 * Seals at most `limit` entries into one checkpoint, in one transaction. Undefined when another sealer, in whichever
 * process, is at work.
 *
 * @throws Error when the newest checkpoint does not fit what it covers: nothing may be built upon that
 */
export async function sealBatch(
  deps: { db: Db; clock: Clock },
  input: { key: SigningKey; limit: number },
): Promise<SealedBatch | undefined> {
  // Read committed: the statements after the lock must see what its previous holder committed.
  return deps.db
    .transaction()
    .setIsolationLevel("read committed")
    .execute(async (trx) => {
      if (!(await tryToLockSealer(trx))) return undefined;
      const newest = await findNewestCheckpoint(trx);
      const before = newest ? readTree(newest) : emptyTree;
      const leaves = await addLeaves(trx, before.size, input.limit);
      if (leaves.length === 0) return { size: before.size, added: 0 };
      const tree = growTree(before, leaves);
      await addCheckpoint(deps.clock, trx, { before, tree, key: input.key });
      return { size: tree.size, added: leaves.length };
    });
}

function readTree(checkpoint: CheckpointRow): MerkleTree {
  const tree = { size: Number(checkpoint.size), frontier: checkpoint.frontier };
  if (rootOf(tree).equals(checkpoint.root)) return tree;
  throw new Error(`The journal's checkpoint of size ${tree.size} was altered. ${runVerifier}`);
}

const runVerifier = "Nothing more is sealed; run `npm run audit:verify` and restore the journal from a backup.";

async function addLeaves(trx: Transaction<Database>, size: number, limit: number): Promise<Buffer[]> {
  const last =
    size === 0 ? { ...beginning, foreign: await hasForeignEntry(trx) } : await findSealedEntry(trx, size - 1);
  if (!last) throw new Error(`The journal's entry at position ${size - 1} is gone. ${runVerifier}`);
  if (last.foreign) return sealLeftEntries(trx, { firstPosition: size, limit });
  return sealNextEntries(trx, { firstPosition: size, after: last, limit });
}

const beginning = { xid: "0", seq: "0" };

async function addCheckpoint(
  clock: Clock,
  trx: Transaction<Database>,
  { before, tree, key }: { before: MerkleTree; tree: MerkleTree; key: SigningKey },
): Promise<void> {
  const root = rootOf(tree);
  const previousRoot = before.size > 0 ? rootOf(before) : null;
  const signedAt = clock.now();
  const statement = await signCheckpoint(key, {
    issuer: "usher",
    size: tree.size,
    root: root.toString("hex"),
    previousSize: before.size,
    previousRoot: previousRoot?.toString("hex") ?? null,
    signedAt: signedAt.toISOString(),
  });
  await insertCheckpoint(trx, {
    size: tree.size,
    root,
    previous_size: before.size,
    previous_root: previousRoot,
    signed_at: signedAt,
    kid: key.kid,
    statement,
    frontier: [...tree.frontier],
  });
}
