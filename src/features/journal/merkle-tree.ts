import { hash } from "node:crypto";

/**
 * A Merkle tree as in Certificate Transparency (RFC 6962, section 2.1), known by its size and its frontier: the roots
 * of the full subtrees that make it up, largest first. That is all that is needed to grow it and to compute its root.
 */
export type MerkleTree = { readonly size: number; readonly frontier: readonly Buffer[] };

/** The tree of no leaves. */
export const emptyTree: MerkleTree = { size: 0, frontier: [] };

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** The hash of a leaf: SHA-256 of 0x00 and the text in UTF-8. */
export function hashLeaf(text: string): Buffer {
  return hash("sha256", Buffer.concat([leafPrefix, Buffer.from(text, "utf8")]), "buffer");
}

function hashNode(left: Buffer, right: Buffer): Buffer {
  return hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");
}

/** The tree with further leaves, given by their hashes. */
export function growTree(tree: MerkleTree, leaves: Iterable<Buffer>): MerkleTree {
  const frontier = [...tree.frontier];
  let size = tree.size;
  for (const leaf of leaves) {
    let node = leaf;
    // Each trailing one of the old size is a full subtree that the new leaf completes to one of twice its size.
    for (let ones = size; ones % 2 === 1; ones = (ones - 1) / 2) node = hashNode(frontier.pop() as Buffer, node);
    frontier.push(node);
    size += 1;
  }
  return { size, frontier };
}

/** The root: for no leaves the hash of nothing. */
export function rootOf(tree: MerkleTree): Buffer {
  const [smallest, ...larger] = tree.frontier.toReversed();
  return larger.reduce((right, left) => hashNode(left, right), smallest ?? hash("sha256", "", "buffer"));
}
