import assert from "node:assert/strict";
import { test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1";
import { hashMessage, verifyMessage } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { readVectors } from "../../../../test/fixtures/siwe/read-vectors.ts";
import { hashPersonalMessage, recoverSigner } from "./recover-signer.ts";
import { formatMessage, type SiweMessage } from "./siwe-message.ts";
import { loadCurve } from "./wallet-curve.ts";

const curve = await loadCurve();
const sample = readVectors<{ address: string; message: string; signature: string }>("siwe-eoa.computed.json");
const bytesOf = (signature: string) => Buffer.from(signature.slice(2), "hex");
const signature = bytesOf(sample.signature);

test("the published signatures lead to their addresses", () => {
  assert.equal(recoverSigner(curve, sample.message, signature), sample.address);
  const vectors = readVectors<Record<string, SiweMessage & { signature: string }>>("verification_positive.json");
  for (const [name, { signature: signed, ...fields }] of Object.entries(vectors)) {
    assert.equal(recoverSigner(curve, formatMessage(pick(fields)), bytesOf(signed)), fields.address, name);
  }
});

/** The fields of a message, without those that tell a verifier what to expect. */
function pick(fields: SiweMessage): SiweMessage {
  const { domain, address, statement, uri, chainId, nonce, issuedAt, expirationTime, notBefore, requestId, resources } =
    fields;
  return { domain, address, statement, uri, chainId, nonce, issuedAt, expirationTime, notBefore, requestId, resources };
}

test("hash and signer are those that viem finds, for any text and key", async () => {
  for (const text of ["", "x", "ü💣", "a\nb", "y".repeat(5000)]) {
    const account = privateKeyToAccount(generatePrivateKey());
    const signed = await account.signMessage({ message: text });
    assert.equal(`0x${Buffer.from(hashPersonalMessage(curve, text)).toString("hex")}`, hashMessage(text));
    assert.equal(recoverSigner(curve, text, bytesOf(signed)), account.address);
    assert.ok(await verifyMessage({ address: account.address, message: text, signature: signed }));
  }
});

test("v may be 27, 28, 0 or 1, and nothing else", () => {
  const right = signature[64] ?? 0;
  for (let v = 0; v < 256; v += 1) {
    const found = recoverSigner(curve, sample.message, Buffer.concat([signature.subarray(0, 64), Buffer.from([v])]));
    if (v === right || v === right - 27) assert.equal(found, sample.address);
    else assert.notEqual(found, sample.address, `v = ${v}`);
    if (![0, 1, 27, 28].includes(v)) assert.equal(found, undefined, `v = ${v}`);
  }
});

test("the malleable twin of a signature is refused", () => {
  const { n } = secp256k1.CURVE;
  const s = BigInt(`0x${signature.subarray(32, 64).toString("hex")}`);
  const twin = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from((n - s).toString(16).padStart(64, "0"), "hex"),
    Buffer.from([signature[64] === 27 ? 28 : 27]),
  ]);
  assert.equal(recoverSigner(curve, sample.message, twin), undefined);
});

test("what is no signature is refused, and never throws", () => {
  const zero = Buffer.alloc(32);
  const order = Buffer.from(secp256k1.CURVE.n.toString(16), "hex");
  const [r, s, v] = [signature.subarray(0, 32), signature.subarray(32, 64), signature.subarray(64)];
  const malformed = [
    Buffer.alloc(0), Buffer.alloc(65), Buffer.alloc(65, 255), signature.subarray(0, 64), Buffer.concat([signature, v]), Buffer.concat([zero, s, v]),
    Buffer.concat([r, zero, v]), Buffer.concat([order, s, v]), Buffer.concat([r, order, v]), Buffer.concat([Buffer.alloc(32, 255), s, v]),
  ]; // biome-ignore format: one glance
  for (const bytes of malformed)
    assert.equal(recoverSigner(curve, sample.message, bytes), undefined, bytes.toString("hex"));
  for (let index = 0; index < 64; index += 1) {
    const flipped = Buffer.from(signature);
    flipped[index] = (flipped[index] ?? 0) ^ 1;
    assert.notEqual(recoverSigner(curve, sample.message, flipped), sample.address, `byte ${index}`);
  }
  assert.notEqual(recoverSigner(curve, `${sample.message} `, signature), sample.address);
});
