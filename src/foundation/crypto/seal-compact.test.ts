import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { compactDecrypt } from "jose";
import { sealCompact, secretKey } from "./seal-compact.ts";

const bytes = randomBytes(32);
const key = secretKey(bytes);

test("what is sealed here, jose opens: of any length, with its header", async () => {
  for (const length of [0, 1, 15, 16, 17, 5_000]) {
    const text = randomBytes(length);
    const sealed = sealCompact(key, text, { kid: "one", field: "Ünal 🦜" });
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, bytes);
    assert.deepEqual(Buffer.from(plaintext), text);
    assert.deepEqual(protectedHeader, { alg: "dir", enc: "A256GCM", kid: "one", field: "Ünal 🦜" });
  }
});

test("no two are alike, and none opens when a character of it is another", async () => {
  const text = Buffer.from("1990-04-17");
  const all = Array.from({ length: 100 }, () => sealCompact(key, text, { kid: "one" }));
  assert.equal(new Set(all.map((sealed) => sealed.split(".")[2])).size, all.length);
  const [sealed = ""] = all;
  const parts = sealed.split(".");
  for (const place of [0, 2, 3, 4]) {
    const part = parts[place] as string;
    const altered = parts.with(place, `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`).join(".");
    await assert.rejects(compactDecrypt(altered, bytes), /JWE|decryption/, `part ${place}`);
  }
});

test("a key of another length is refused", () => {
  assert.throws(() => sealCompact(secretKey(randomBytes(16)), Buffer.from("x"), {}), /Invalid key length/);
});
