import { canonicalJson } from "./canonical-json.ts";
import type { ExportedCheckpoint } from "./export-checkpoints.ts";
import { type MerkleTree, rootOf } from "./merkle-tree.ts";
import type { CheckpointRow } from "./sealer.queries.ts";
import type { CheckpointStatement, StatementCheck } from "./sign-checkpoint.ts";

/** The checkpoint before, or the beginning. */
export type Previous = { size: number; root: string | null };

/** A sentence, and whether it shows that the entries since the checkpoint before are not those sealed. */
export type CheckpointFault = { what: string; entriesDiffer?: boolean };

/** What is wrong with a checkpoint, where `tree` has been computed anew from the first `size` entries. */
export async function findFaultOfCheckpoint(
  check: StatementCheck,
  { row, tree, previous }: { row: CheckpointRow; tree: MerkleTree; previous: Previous },
): Promise<CheckpointFault | undefined> {
  const name = `The checkpoint of size ${tree.size}`;
  const checked = await check(row.statement);
  if ("wrong" in checked) return { what: `${name} ${checked.wrong}.` };
  const { kid, statement } = checked;
  if (kid !== row.kid || canonicalJson(statement) !== canonicalJson(describeRow(row))) {
    return { what: `${name} says in its columns something else than in its signed statement.` };
  }
  if (!row.root.equals(rootOf(tree))) return { what: `${name} shows it.`, entriesDiffer: true };
  if (statement.previousSize !== previous.size || statement.previousRoot !== previous.root) {
    return {
      what: `${name} does not follow upon the one before it: a checkpoint between them is missing or was altered.`,
    };
  }
  const sameFrontier = Buffer.concat(row.frontier).equals(Buffer.concat([...tree.frontier]));
  return sameFrontier ? undefined : { what: `${name} has an altered frontier, upon which nothing can be sealed.` };
}

/** What is wrong with an exported checkpoint of exactly the tree's size. */
export function findFaultOfExported(exported: ExportedCheckpoint, tree: MerkleTree): CheckpointFault | undefined {
  if (exported.root === rootOf(tree).toString("hex")) return undefined;
  const what = `The exported checkpoint of size ${tree.size} shows it: history was rewritten.`;
  return { what, entriesDiffer: true };
}

function describeRow(row: CheckpointRow): CheckpointStatement {
  return {
    issuer: "usher",
    size: Number(row.size),
    root: row.root.toString("hex"),
    previousSize: Number(row.previous_size),
    previousRoot: row.previous_root?.toString("hex") ?? null,
    signedAt: row.signed_at.toISOString(),
  };
}
