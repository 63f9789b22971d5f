import assert from "node:assert/strict";
import { test } from "node:test";
import { readCallback } from "./read-callback.ts";

const rules = {
  publicUrl: "https://usher.test",
  origins: ["https://app.test", "https://portal.app.test:8443"],
  allowHttp: false,
};
const sandbox = { publicUrl: "http://127.0.0.1:8080", origins: [], allowHttp: true };

test("without a wish, the person comes back to our own page", () => {
  assert.equal(readCallback(rules, undefined), "https://usher.test/ekyc/return");
  assert.equal(readCallback(sandbox, undefined), "http://127.0.0.1:8080/ekyc/return");
});

test("registered origins and our own are taken, with any path and query", () => {
  for (const text of [
    "https://app.test",
    "https://app.test/",
    "https://app.test/done?user=1&x=%20",
    "https://portal.app.test:8443/a/b#done",
    "https://usher.test/welcome",
  ]) {
    assert.equal(readCallback(rules, text), new URL(text).href);
  }
  assert.equal(readCallback(sandbox, "http://127.0.0.1:8080/done"), "http://127.0.0.1:8080/done");
});

const hosts = [
  "localhost",
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "0x7f000001",
  "2130706433",
  "017700000001",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::]",
  "0.0.0.0",
  "10.0.0.1",
  "192.168.0.1",
  "169.254.169.254",
  "[fe80::1]",
  "app.test.evil.test",
  "evilapp.test",
  "app-test",
  "app.tes",
  "app.test.",
  "xapp.test",
  "www.app.test",
  "app.test:8443",
  "portal.app.test",
  "portal.app.test:443",
  "app.test:0",
  "аpp.test",
  "ａpp.test",
  "app。test",
  "ap%70.test",
  "app.test%00.evil.test",
  "app.test%2eevil.test",
  "app.test%2fevil.test",
  "usher.test.evil.test",
  "sub.usher.test",
  "usher.test:444",
];

const hostile = [
  ...hosts.flatMap((host) => [`https://${host}/`, `https://${host}/done`]),
  ...["app.test", "app.test/done", "usher.test"].map((place) => `http://${place}`),
  ...[
    "javascript:alert(1)",
    "javascript://app.test/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://app.test/",
    "ws://app.test/",
    "wss://app.test/",
    "blob:https://app.test/1",
    "about:blank",
    "mailto:a@app.test",
    "intent://app.test#Intent;end",
  ],
  ...[
    "https://app.test@evil.test/",
    "https://user@app.test/",
    "https://user:pass@app.test/",
    "https://:pass@app.test/",
    "https://evil.test#@app.test/",
    "https://evil.test?@app.test/",
    "https://evil.test\\@app.test/",
    "https://app.test\\@evil.test/",
  ],
  ...[
    "//app.test/",
    "/done",
    "app.test",
    "https:app.test",
    "https:/app.test/",
    "https:///app.test/",
    "https:\\\\app.test\\",
    "HTTPS://app.test/",
    "https://APP.test/",
    "https://app.test:443/",
    "https://app.test/../x",
    "https://app.test/a/./b",
  ],
  ...[
    " https://app.test/",
    "https://app.test/ ",
    "https://app.test/\n",
    "https://app\t.test/",
    "ht\ntps://app.test/",
    "\u0000https://app.test/",
    "https://app.test/\u202e",
    "https://app.test/a b",
    "https://app.test/é",
    "",
    " ",
    "https://",
    "https://?",
    "null",
  ],
];

test("at least 100 hostile addresses are refused, naming the field", () => {
  for (const text of hostile) {
    assert.throws(
      () => readCallback(rules, text),
      (error: { declaration?: { status: number }; occurrence?: { errors?: Record<string, unknown> } }) => {
        return error.declaration?.status === 400 && error.occurrence?.errors?.callback !== undefined;
      },
      JSON.stringify(text),
    );
  }
  assert.ok(hostile.length >= 100, `${hostile.length} addresses`);
});

test("http is taken in sandbox mode for our own origin only", () => {
  for (const text of [
    "http://127.0.0.1:8081/",
    "http://localhost:8080/",
    "http://app.test/",
    "https://127.0.0.1:8080/",
  ]) {
    assert.throws(() => readCallback(sandbox, text), text);
  }
  assert.throws(() => readCallback({ ...sandbox, allowHttp: false }, "http://127.0.0.1:8080/done"));
});
