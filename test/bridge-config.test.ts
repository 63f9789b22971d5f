import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "../src/config.ts";
import { ConfigurationError } from "../src/foundation/config/index.ts";

const production = {
  USHER_MODE: "production",
  PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: "postgres://usher@db.example.com/usher",
  MASTER_KEY: randomBytes(32).toString("base64"),
  VERIFF_BASE_URL: "https://stationapi.veriff.com",
  VERIFF_API_KEY: "key",
  VERIFF_SHARED_SECRET: "secret",
  SMTP_URL: "smtps://mail.example.com",
  MAIL_FROM: "Usher <id@example.com>",
};
const vector = readFileSync(new URL("fixtures/bridge/signature-vector.json", import.meta.url), "utf8");
const pem = (JSON.parse(vector) as { public_key_pem: string }).public_key_pem;
const bridge = {
  BRIDGE_BASE_URL: "https://api.bridge.xyz/v0",
  BRIDGE_API_KEY: "sk_live_1",
  BRIDGE_WEBHOOK_PUBLIC_KEYS: pem,
};

function problemsOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
    return "";
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.join("\n");
  }
}

test("production works without Bridge, and with all of it; a part of it is refused, each missing variable by its name", () => {
  assert.equal(problemsOf(production), "");
  assert.equal(problemsOf({ ...production, ...bridge }), "");
  for (const name of Object.keys(bridge) as (keyof typeof bridge)[]) {
    const { [name]: _, ...others } = bridge;
    for (const base of [production, {}])
      assert.match(problemsOf({ ...base, ...others }), new RegExp(`${name} is not set`));
  }
  assert.match(
    problemsOf({ ...production, ...bridge, BRIDGE_BASE_URL: "http://api.bridge.xyz" }),
    /BRIDGE_BASE_URL must begin with https/,
  );
});

test("public keys are read one after the other, with line breaks written out too, and from a file", () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" });
  const read = (more: Record<string, string>) => {
    const { BRIDGE_WEBHOOK_PUBLIC_KEYS: _, ...others } = bridge;
    return readConfig({ ...others, ...more }).BRIDGE_WEBHOOK_PUBLIC_KEYS.length;
  };
  assert.equal(read({ BRIDGE_WEBHOOK_PUBLIC_KEYS: `${pem}\n${other}` }), 2);
  assert.equal(read({ BRIDGE_WEBHOOK_PUBLIC_KEYS: `${pem}${other}`.replaceAll("\n", "\\n") }), 2);
  const file = join(mkdtempSync(join(tmpdir(), "usher-test-")), "keys.pem");
  writeFileSync(file, `${pem}\n${other}\n`);
  assert.equal(read({ BRIDGE_WEBHOOK_PUBLIC_KEYS_FILE: file }), 2);
});

test("what is no RSA public key of 2048 bits or more is refused, and not repeated in the message", () => {
  const pairs = {
    small: generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" }),
    curve: generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }),
    secret: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  for (const text of [
    ...Object.values(pairs).map(String),
    "key",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    `${pem}${pairs.curve}`,
  ]) {
    const problems = problemsOf({ ...bridge, BRIDGE_WEBHOOK_PUBLIC_KEYS: text });
    assert.match(problems, /BRIDGE_WEBHOOK_PUBLIC_KEYS must be PEM blocks of RSA public keys/, text.slice(0, 40));
    assert.ok(text.length < 60 || !problems.includes(text.slice(30, 60)));
  }
});
