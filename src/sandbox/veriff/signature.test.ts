import assert from "node:assert/strict";
import { test } from "node:test";
import { readSample } from "../testing/veriff-bench.ts";
import { sign, signatureFits } from "./signature.ts";

test("the published vectors are reproduced, and their signatures fit in either case", async () => {
  const { secret, vectors } = (await readSample("hmac-vectors")) as {
    secret: string;
    vectors: { message: string; signature: string }[];
  };
  assert.equal(vectors.length, 3);
  for (const { message, signature } of vectors) {
    assert.equal(sign(secret, message), signature);
    assert.ok(signatureFits(secret, Buffer.from(message), signature.toUpperCase()));
  }
});

test("a changed, cut, lengthened or non-hex signature does not fit", () => {
  const good = sign("secret", "message");
  const flipped = (good.startsWith("0") ? "1" : "0") + good.slice(1);
  for (const bad of [flipped, good.slice(2), `${good}00`, "zz".repeat(32), "", `${good}\n`]) {
    assert.equal(signatureFits("secret", "message", bad), false, bad);
  }
});
