import type { Transaction } from "kysely";
import type { Database } from "../../foundation/database/index.ts";
import type { ExportedCheckpoint } from "./export-checkpoints.ts";
import type { FirstBad } from "./first-bad.ts";
import { emptyTree, growTree, type MerkleTree, rootOf } from "./merkle-tree.ts";
import type { CheckpointRow } from "./sealer.queries.ts";
import type { StatementCheck } from "./sign-checkpoint.ts";
import { eachCheckpoint, pageLeaves, type StoredLeaf } from "./verifier.queries.ts";
import {
  type CheckpointFault,
  findFaultOfCheckpoint,
  findFaultOfExported,
  type Previous,
} from "./verify-checkpoint.ts";
import { findFaultOfLeaf } from "./verify-entry.ts";

/** How far the verification has come, and what comes next of both kinds of checkpoints. */
type Walk = {
  check: StatementCheck;
  tree: MerkleTree;
  last: StoredLeaf | undefined;
  /** The newest checkpoint of the database that the tree agreed with, and the first leaf after it. */
  previous: Previous;
  first: StoredLeaf | undefined;
  checkpoints: Upcoming<CheckpointRow>;
  /** The size of the newest exported checkpoint that the tree agreed with. */
  exportedSize: number;
  exported: Upcoming<ExportedCheckpoint>;
};

/** Reads leaves in the order of their positions, and meets each checkpoint when the tree has its size. */
export async function verifySealed(
  trx: Transaction<Database>,
  check: StatementCheck,
  exported: AsyncGenerator<ExportedCheckpoint, undefined>,
): Promise<FirstBad | undefined> {
  const walk: Walk = {
    check,
    tree: emptyTree,
    last: undefined,
    previous: { size: 0, root: null },
    first: undefined,
    checkpoints: await lookAhead(eachCheckpoint(trx)),
    exportedSize: 0,
    exported: await lookAhead(exported),
  };
  for await (const page of pageLeaves(trx)) {
    for (const leaf of page) {
      const bad = takeLeaf(walk, leaf) ?? (await meetCheckpoints(walk)) ?? (await meetExported(walk));
      if (bad) return bad;
    }
  }
  return findCutTail(walk);
}

function takeLeaf(walk: Walk, leaf: StoredLeaf): FirstBad | undefined {
  const position = walk.tree.size;
  if (leaf.position !== position) return nowhere(position, "The entry at this position is gone, and its leaf with it.");
  const what = findFaultOfLeaf(leaf);
  if (what !== undefined) return badLeaf(leaf, what);
  walk.tree = growTree(walk.tree, [leaf.leaf_hash]);
  walk.first ??= leaf;
  walk.last = leaf;
  return undefined;
}

async function meetCheckpoints(walk: Walk): Promise<FirstBad | undefined> {
  const { check, tree, previous } = walk;
  const row = walk.checkpoints.next;
  if (!row || Number(row.size) !== tree.size) return undefined;
  const fault = await findFaultOfCheckpoint(check, { row, tree, previous });
  if (fault) return badCheckpoint(walk, fault, Math.max(previous.size, walk.exportedSize));
  walk.previous = { size: tree.size, root: rootOf(tree).toString("hex") };
  walk.first = undefined;
  await walk.checkpoints.advance();
  return undefined;
}

/** The same checkpoint may stand there twice. */
async function meetExported(walk: Walk): Promise<FirstBad | undefined> {
  const { exported, tree } = walk;
  while (exported.next?.size === tree.size) {
    const fault = findFaultOfExported(exported.next, tree);
    // The database's own checkpoints prove nothing here: only what was exported before.
    if (fault) return badCheckpoint(walk, fault, walk.exportedSize);
    walk.exportedSize = tree.size;
    await exported.advance();
  }
  return undefined;
}

function badCheckpoint({ tree, last }: Walk, fault: CheckpointFault, from: number): FirstBad {
  const to = tree.size - 1;
  if (!fault.entriesDiffer) return badLeaf(last, fault.what);
  if (from === to) return badLeaf(last, `The entry is not the one that was sealed here. ${fault.what}`);
  const range = `Among the entries at positions ${from} to ${to}, at least one, or their order, is not what was sealed.`;
  return { ...nowhere(from, `${range} ${fault.what}`), toPosition: to };
}

/** What is still expected after the last leaf. */
function findCutTail({ tree, checkpoints, exported, previous, first }: Walk): FirstBad | undefined {
  const end = `The database ends at ${tree.size} sealed entries`;
  if (checkpoints.next) {
    const size = Number(checkpoints.next.size);
    return nowhere(
      tree.size,
      `${end}, its checkpoint of size ${size} covers more: the entries from here on were removed.`,
    );
  }
  if (tree.size > previous.size) return badLeaf(first, "The entry has a place in the tree that no checkpoint covers.");
  if (!exported.next) return undefined;
  const { size } = exported.next;
  return nowhere(tree.size, `${end}, an exported checkpoint has ${size}: the entries from here on were cut off.`);
}

function badLeaf(leaf: StoredLeaf | undefined, what: string): FirstBad {
  return {
    position: leaf?.position ?? null,
    seq: leaf?.seq ?? null,
    entryId: leaf?.entry?.entry_id ?? null,
    what,
  };
}

function nowhere(position: number | null, what: string): FirstBad {
  return { position, seq: null, entryId: null, what };
}

/** A generator of which the next item can be looked at before it is taken. */
type Upcoming<Item> = { next: Item | undefined; advance(): Promise<void> };

async function lookAhead<Item>(items: AsyncGenerator<Item, undefined>): Promise<Upcoming<Item>> {
  const upcoming: Upcoming<Item> = {
    next: undefined,
    advance: async () => {
      upcoming.next = (await items.next()).value;
    },
  };
  await upcoming.advance();
  return upcoming;
}
