import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { holdsForVeriff, signForVeriff } from "./signature.ts";
import { verifyVeriffWebhook } from "./verify-webhook.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../../../test/fixtures/veriff/${name}`, import.meta.url));

type Vectors = { secret: string; vectors: { what: string; message: string; signature: string }[] };
const { secret, vectors } = JSON.parse(fixture("hmac-vectors.json").toString()) as Vectors;

const apiKey = "8e4d7a51-3f0b-4c55-9a7e-0d1c2b3a4f5e";
const body = fixture("decision-approved-after-resubmission.constructed.json");
const good = signForVeriff(secret, body);
const verify = (bytes: Buffer, headers: Record<string, string | string[] | undefined>, sharedSecret = secret) =>
  verifyVeriffWebhook({ apiKey, sharedSecret }, { body: bytes, headers });

for (const { what, message, signature } of vectors) {
  test(`Veriff's own vector holds: ${what}`, () => {
    assert.equal(signForVeriff(secret, message), signature);
    assert.ok(holdsForVeriff(secret, message, signature));
    assert.ok(holdsForVeriff(secret, message, signature.toUpperCase()));
  });
}

test("a signed delivery is valid, in either case of hex, with or without the key that names our integration", () => {
  assert.equal(verify(body, { "x-hmac-signature": good }), "valid");
  assert.equal(
    verify(body, { "x-hmac-signature": good.toUpperCase(), "x-auth-client": apiKey.toUpperCase() }),
    "valid",
  );
});

test("a delivery without a signature is told apart from one with a wrong signature", () => {
  assert.equal(verify(body, {}), "missing");
  assert.equal(verify(body, { "x-hmac-signature": "" }), "missing");
  assert.equal(
    verify(body, { "x-signature": createHash("sha256").update(body).update(secret).digest("hex") }),
    "missing",
  );
});

/** At least 300 ways to bend a delivery. */
function* bentDeliveries(): Generator<[what: string, bytes: Buffer, headers: Record<string, string | string[]>]> {
  for (let index = 0; index < body.length; index += Math.ceil(body.length / 120)) {
    const bent = Buffer.from(body);
    bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
    yield [`one bit of byte ${index}`, bent, { "x-hmac-signature": good }];
  }
  for (let bit = 0; bit < 256; bit += 2) {
    const bytes = Buffer.from(good, "hex");
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield [`bit ${bit} of the signature`, body, { "x-hmac-signature": bytes.toString("hex") }];
  }
  for (const length of [0, 1, body.length - 1, body.length >> 1]) {
    yield [`body cut to ${length}`, body.subarray(0, length), { "x-hmac-signature": good }];
  }
  for (let length = 1; length < 64; length += 1) {
    yield [`signature cut to ${length}`, body, { "x-hmac-signature": good.slice(0, length) }];
  }
  for (const more of ["\n", " ", "\0", "{}", "\r\n"]) {
    yield ["body with a tail", Buffer.concat([body, Buffer.from(more)]), { "x-hmac-signature": good }];
    yield ["signature with a tail", body, { "x-hmac-signature": `${good}${more}` }];
    yield ["signature with a head", body, { "x-hmac-signature": `${more}${good}` }];
  }
  yield ["body re-serialised", Buffer.from(JSON.stringify(JSON.parse(body.toString()))), { "x-hmac-signature": good }];
  yield ["two signatures", body, { "x-hmac-signature": [good, good] }];
  yield ["two signatures in one", body, { "x-hmac-signature": `${good}, ${good}` }];
  yield ["named algorithm", body, { "x-hmac-signature": `sha256=${good}` }];
  yield ["base64", body, { "x-hmac-signature": Buffer.from(good, "hex").toString("base64") }];
  yield ["zeros", body, { "x-hmac-signature": "0".repeat(64) }];
  yield ["not hex", body, { "x-hmac-signature": "g".repeat(64) }];
  yield [
    "full-width digits",
    body,
    { "x-hmac-signature": good.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))) },
  ];
  for (const algorithm of ["sha1", "sha512", "md5", "sha384", "sha3-256"]) {
    yield [algorithm, body, { "x-hmac-signature": createHmac(algorithm, secret).update(body).digest("hex") }];
  }
  yield ["plain hash", body, { "x-hmac-signature": createHash("sha256").update(body).digest("hex") }];
  yield ["legacy hash", body, { "x-hmac-signature": createHash("sha256").update(body).update(secret).digest("hex") }];
  yield [
    "secret read as hex",
    body,
    {
      "x-hmac-signature": createHmac("sha256", Buffer.from(secret.replaceAll("-", ""), "hex"))
        .update(body)
        .digest("hex"),
    },
  ];
  yield [
    "secret in capitals",
    body,
    { "x-hmac-signature": createHmac("sha256", secret.toUpperCase()).update(body).digest("hex") },
  ];
  yield ["empty secret", body, { "x-hmac-signature": createHmac("sha256", "").update(body).digest("hex") }];
  yield [
    "signed id instead of body",
    body,
    { "x-hmac-signature": signForVeriff(secret, "8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10") },
  ];
  yield [
    "another integration",
    body,
    { "x-hmac-signature": good, "x-auth-client": "00000000-0000-4000-8000-000000000000" },
  ];
  yield ["two integrations", body, { "x-hmac-signature": good, "x-auth-client": `${apiKey}, ${apiKey}` }];
}

test("no bent delivery is valid: bits, cuts, tails, other algorithms, keys and integrations", () => {
  let count = 0;
  for (const [what, bytes, headers] of bentDeliveries()) {
    assert.notEqual(verify(bytes, headers), "valid", what);
    count += 1;
  }
  assert.equal(verify(body, { "x-hmac-signature": good }, `${secret} `), "invalid");
  assert.ok(count >= 300, `${count} deliveries`);
});

test("while the secret is changed, what is signed with either counts; with one that was never ours, nothing", () => {
  const account = { apiKey, sharedSecret: "new-secret", previousSharedSecrets: ["older-secret", secret] };
  const check = (signedWith: string) => {
    const headers = { "x-hmac-signature": signForVeriff(signedWith, body) };
    return verifyVeriffWebhook(account, { body, headers });
  };
  for (const known of ["new-secret", "older-secret", secret]) assert.equal(check(known), "valid");
  for (const foreign of ["", "new-secret,older-secret", "another"]) assert.equal(check(foreign), "invalid");
});
