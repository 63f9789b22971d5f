import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { emptyTree, growTree, hashLeaf, rootOf } from "./merkle-tree.ts";

/** RFC 6962, section 2.1, word by word. */
function referenceRoot(texts: readonly string[]): Buffer {
  const sha256 = (...parts: (Buffer | string)[]) =>
    createHash("sha256")
      .update(Buffer.concat(parts.map((p) => Buffer.from(p))))
      .digest();
  if (texts.length === 0) return sha256("");
  if (texts.length === 1) return sha256(Buffer.from([0]), texts[0] as string);
  let k = 1;
  while (k * 2 < texts.length) k *= 2;
  return sha256(Buffer.from([1]), referenceRoot(texts.slice(0, k)), referenceRoot(texts.slice(k)));
}

test("the root is the one of RFC 6962 for every size from 0 to 130", () => {
  const texts = Array.from({ length: 130 }, (_, index) => `entry ${index} é`);
  for (let size = 0; size <= 130; size += 1) {
    const some = texts.slice(0, size);
    const tree = growTree(emptyTree, some.map(hashLeaf));
    assert.equal(tree.size, size);
    assert.deepEqual(rootOf(tree), referenceRoot(some), `size ${size}`);
  }
});

test("the root of the eight leaves that Certificate Transparency tests with is the published one", () => {
  const leaves = ["", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"];
  const root = rootOf(growTree(emptyTree, leaves.map(hashLeaf))).toString("hex");
  assert.equal(root, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

test("growing in any steps gives the same tree", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { maxLength: 40 }), { maxLength: 6 }), (batches) => {
      const stepwise = batches.reduce((tree, batch) => growTree(tree, batch.map(hashLeaf)), emptyTree);
      assert.deepEqual(rootOf(stepwise), referenceRoot(batches.flat()));
    }),
  );
});
