import assert from "node:assert/strict";
import { constants, createHash, createPublicKey, createSign, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createTestClock } from "../../../../foundation/clock/index.ts";
import { createLogger } from "../../../../foundation/logging/index.ts";
import { verifyBridgeWebhook } from "./verify-webhook.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../../../test/fixtures/bridge/${name}`, import.meta.url));
const vector = JSON.parse(fixture("signature-vector.json").toString()) as Record<string, string>;

const log = createLogger({ level: "silent" });
const publishedKey = createPublicKey(vector.public_key_pem as string);
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const body = fixture("webhook-customer-active.constructed.json");
const now = Date.parse("2026-03-02T10:05:01.000Z");

type Headers = Record<string, string | string[] | undefined>;
const verify = (bytes: Buffer, headers: Headers, { keys = [pair.publicKey], at = now, log: told = log } = {}) =>
  verifyBridgeWebhook({ keys, clock: createTestClock(new Date(at)), log: told }, { body: bytes, headers });
const digest = (t: number | string, bytes: Buffer) => createHash("sha256").update(`${t}.`).update(bytes).digest();
const signed = (t: number | string, bytes = body, key = pair.privateKey) =>
  `t=${t},v0=${sign("RSA-SHA256", digest(t, bytes), key).toString("base64")}`;
const header = (value: string | string[]) => ({ "x-webhook-signature": value });

test("Bridge's own vector holds, within ten minutes of its time", () => {
  const bytes = Buffer.from(vector.raw_body as string);
  const at = Number(/^t=(\d+)/.exec(vector.header_value as string)?.[1]);
  const ask = (age: number) =>
    verify(bytes, header(vector.header_value as string), { keys: [publishedKey], at: at + age });
  assert.deepEqual([0, 599_000, 600_000].map(ask), ["valid", "valid", "valid"]);
  assert.deepEqual([600_001, 3_600_000].map(ask), ["stale", "stale"]);
});

test("a signature a minute ahead of our clock counts, one further ahead is of the wrong time", () => {
  assert.equal(verify(body, header(signed(now + 60_000))), "valid");
  assert.equal(verify(body, header(signed(now + 60_001))), "stale");
});

test("while one key replaces another both count, and afterwards the old one does not", () => {
  const old = header(signed(now, body, other.privateKey));
  assert.equal(verify(body, old, { keys: [pair.publicKey, other.publicKey] }), "valid");
  assert.equal(verify(body, header(signed(now)), { keys: [other.publicKey, pair.publicKey] }), "valid");
  assert.equal(verify(body, old), "invalid");
  assert.equal(verify(body, header(signed(now)), { keys: [] }), "invalid");
});

test("a delivery without a signature is told apart from one with a wrong one", () => {
  assert.deepEqual([verify(body, {}), verify(body, header(""))], ["missing", "missing"]);
  assert.equal(verify(body, { "x-hmac-signature": "00" }), "missing");
});

test("a signature hashed once is refused, and the operator told that Bridge signs in another way", () => {
  const told: string[] = [];
  const once = createSign("RSA-SHA256").update(`${now}.`).update(body).sign(pair.privateKey).toString("base64");
  const listening = { ...log, error: (message: string) => void told.push(message) };
  assert.equal(verify(body, header(`t=${now},v0=${once}`), { log: listening }), "invalid");
  assert.equal(told.length, 1);
});

test("parts of the header that we do not know are left alone", () => {
  assert.equal(verify(body, header(`${signed(now)},v1=later`)), "valid");
});

/** At least 300 ways to bend a delivery. */
function* bentDeliveries(): Generator<[what: string, bytes: Buffer, headers: Headers]> {
  const good = signed(now);
  const [time = "", text = ""] = [good.slice(0, good.indexOf(",")), good.slice(good.indexOf("v0=") + 3)];
  const raw = Buffer.from(text, "base64");
  for (let index = 0; index < body.length; index += Math.ceil(body.length / 120)) {
    const bent = Buffer.from(body);
    bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
    yield [`one bit of byte ${index}`, bent, header(good)];
  }
  for (let bit = 0; bit < 2048; bit += 17) {
    const bytes = Buffer.from(raw);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield [`bit ${bit} of the signature`, body, header(`${time},v0=${bytes.toString("base64")}`)];
  }
  for (let length = 0; length < text.length; length += 6)
    yield [`signature cut to ${length}`, body, header(`${time},v0=${text.slice(0, length)}`)];
  for (const length of [0, 1, body.length - 1, body.length >> 1])
    yield [`body cut to ${length}`, body.subarray(0, length), header(good)];
  for (const more of ["\n", " ", "\0", "{}", "\r\n", "=", "A", "%"]) {
    yield ["body with a tail", Buffer.concat([body, Buffer.from(more)]), header(good)];
    yield ["signature with a tail", body, header(`${good}${more}`)];
    yield ["signature with a head", body, header(`${time},v0=${more}${text}`)];
    yield ["time with a tail", body, header(`${time}${more},v0=${text}`)];
  }
  for (const off of [-600_000, -60_000, -1000, -1, 1, 1000, 60_000, 600_000])
    yield [`the time moved by ${off}`, body, header(`t=${now + off},v0=${text}`)];
  for (const t of [
    "",
    "0",
    "-1",
    `0${now}`,
    `+${now}`,
    `${now}.0`,
    `${now}e0`,
    "NaN",
    `0x${now.toString(16)}`,
    `${now}0`,
  ])
    yield [`time "${t}"`, body, header(`t=${t},v0=${text}`)];
  for (const form of [
    `v0=${text}`,
    time,
    `${time},v0=`,
    `${time} v0=${text}`,
    `${time};v0=${text}`,
    `${time},v1=${text}`,
    text,
    ",",
    "t=,v0=",
  ])
    yield [`form ${form.slice(0, 20)}`, body, header(form)];
  yield ["two times", body, header(`${time},${good}`)];
  yield ["two signatures", body, header(`${good},v0=${text}`)];
  yield ["two headers", body, header([good, good])];
  yield ["names in capitals", body, header(`T=${now},V0=${text}`)];
  yield ["base64url", body, header(`${time},v0=${raw.toString("base64url")}+`)];
  yield ["without padding", body, header(`${time},v0=${text.replace(/=+$/, "")}`)];
  yield ["hex", body, header(`${time},v0=${raw.toString("hex")}`)];
  yield ["zeros", body, header(`${time},v0=${Buffer.alloc(256).toString("base64")}`)];
  yield ["ones", body, header(`${time},v0=${Buffer.alloc(256, 255).toString("base64")}`)];
  yield ["body re-serialised", Buffer.from(JSON.stringify(JSON.parse(body.toString()))), header(good)];
  yield ["another key", body, header(signed(now, body, other.privateKey))];
  yield [
    "signed without the time",
    body,
    header(
      `${time},v0=${sign("RSA-SHA256", createHash("sha256").update(body).digest(), pair.privateKey).toString("base64")}`,
    ),
  ];
  yield [
    "signed once",
    body,
    header(
      `${time},v0=${sign("RSA-SHA256", Buffer.concat([Buffer.from(`${now}.`), body]), pair.privateKey).toString("base64")}`,
    ),
  ];
  const hex = Buffer.from(digest(now, body).toString("hex"));
  yield [
    "signed over the digest in hex",
    body,
    header(`${time},v0=${sign("RSA-SHA256", hex, pair.privateKey).toString("base64")}`),
  ];
  for (const algorithm of ["RSA-SHA1", "RSA-SHA384", "RSA-SHA512"])
    yield [
      algorithm,
      body,
      header(`${time},v0=${sign(algorithm, digest(now, body), pair.privateKey).toString("base64")}`),
    ];
  const pss = { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  yield ["PSS", body, header(`${time},v0=${sign("RSA-SHA256", digest(now, body), pss).toString("base64")}`)];
  yield ["another event's signature", body, header(signed(now, fixture("webhook-customer-rejected.constructed.json")))];
}

test("no bent delivery is valid: bits, cuts, tails, times, forms, other algorithms and keys", () => {
  assert.equal(verify(body, header(signed(now))), "valid");
  let count = 0;
  for (const [what, bytes, headers] of bentDeliveries()) {
    assert.notEqual(verify(bytes, headers), "valid", what);
    count += 1;
  }
  assert.ok(count >= 300, `${count} deliveries`);
});
