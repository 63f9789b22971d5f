import assert from "node:assert/strict";
import { test } from "node:test";
import { sendRaw, standOnBadGround } from "./bad-ground.ts";
import { assertProblem } from "./problem.ts";

const ground = standOnBadGround();

test("NUL characters and lone surrogates are refused in every text field, by its name", async (t) => {
  let checked = 0;
  for (const { method, path, token, body } of ground.writes) {
    for (const field of Object.keys(body)) {
      for (const bad of ["a\\u0000b", "\\ud800", "x\\udc00y", "\\udc00\\ud800"]) {
        const raw = JSON.stringify({ ...body, [field]: "@@" }).replace("@@", bad);
        assertProblem(
          await ground.usher.send(method, path, { token, raw }),
          { status: 400, field },
          `${method} ${path} ${field} ${bad}`,
        );
        checked += 1;
      }
    }
    assertProblem(await ground.usher.send(method, path, { token, raw: '{"a\\u0000b":1}' }), { status: 400 }, path);
  }
  t.diagnostic(`${checked} fields checked`);
});

test("unknown fields are refused by name, prototype keys included, and never dropped", async () => {
  const extras = [
    "unexpected",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "status2",
    "",
    "é",
    "a.b",
    "is_admin",
  ];
  for (const { method, path, token, body } of ground.writes) {
    for (const extra of extras) {
      const raw = JSON.stringify(body).replace(/^\{/, `{${JSON.stringify(extra)}:{"isAdmin":true},`);
      assertProblem(
        await ground.usher.send(method, path, { token, raw }),
        { status: 400, ...(extra ? { field: extra } : {}) },
        `${path} ${extra}`,
      );
    }
  }
  assert.equal(({} as Record<string, unknown>).isAdmin, undefined);
});

test("a key that stands twice is refused, at any depth and in any spelling", async () => {
  const bodies = [
    '{"email":"a@example.com","email":"b@example.com"}',
    '{"email":"a@example.com","\\u0065mail":"b@example.com"}',
    '{"a":{"b":1,"b":2}}',
    '[{"x":1,"x":1}]',
  ];
  for (const raw of bodies) {
    assertProblem(
      await ground.usher.send("POST", "/users/resend-code", { raw }),
      { status: 400, code: "malformed-json" },
      raw,
    );
  }
});

test("values of the wrong type are refused by name and never coerced", async (t) => {
  let checked = 0;
  for (const { method, path, token, body } of ground.writes) {
    for (const field of Object.keys(body)) {
      for (const value of [
        1,
        0,
        true,
        [],
        ["a"],
        {},
        { $ne: null },
        1e308,
        -1,
        ...(path.endsWith(ground.person.userId) ? [] : [null]),
      ]) {
        const answer = await ground.usher.send(method, path, { token, body: { ...body, [field]: value } });
        assertProblem(answer, { status: 400, field }, `${path} ${field} ${JSON.stringify(value)}`);
        checked += 1;
      }
    }
  }
  assertProblem(
    await ground.usher.send("POST", "/auth/logout", { token: ground.person.token, body: { everywhere: "true" } }),
    {
      status: 400,
      field: "everywhere",
    },
  );
  assertProblem(
    await ground.usher.send("POST", "/ekyc/me/sessions", { token: ground.person.token, body: { restart: 1 } }),
    {
      status: 400,
      field: "restart",
    },
  );
  t.diagnostic(`${checked} values checked`);
});

test("a body that is no JSON object is refused: empty, truncated, another value, bad UTF-8, a byte order mark", async () => {
  const bad: [string, string | Uint8Array][] = [
    ["nothing", ""], ["a blank", " "], ["an array", "[]"], ["null", "null"], ["a text", '"x"'], ["a number", "1"], ["truncated", '{"email":"a@exa'],
    ["two values", "{}{}"], ["a comment", "{/* */}"], ["single quotes", "{'email':'a'}"], ["a trailing comma", '{"email":"a@example.com",}'],
    ["NaN", '{"email":NaN}'], ["bad UTF-8", Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ["an overlong form", Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc0, 0x80, 0x22, 0x7d])],
    ["a byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("{}")])],
    ["UTF-16", Buffer.from("{}", "utf16le")], ["a form", "email=a%40example.com"], ["a raw control character", '{"email":"a\u0001b"}'],
  ]; // biome-ignore format: one glance
  for (const { method, path, token } of ground.writes) {
    if (path === "/auth/logout" || path === "/ekyc/me/sessions") continue;
    for (const [name, raw] of bad) {
      assertProblem(await ground.usher.send(method, path, { token, raw }), { status: 400 }, `${path}: ${name}`);
    }
  }
});

test("a body of another Content-Type, or of none, is 415", async () => {
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/octet-stream",
    "application/jsonx",
    "text/json",
    "garbage",
  ];
  const endpoints = [...ground.writes, { method: "POST", path: "/users/webhook-kyc", token: undefined, body: {} }];
  for (const { method, path, token, body } of endpoints) {
    for (const type of types) {
      const answer = await ground.usher.send(method, path, { token, body, headers: { "content-type": type } });
      assertProblem(answer, { status: 415, code: "unsupported-media-type" }, `${path} ${type}`);
    }
    const lines = [
      `${method} ${path} HTTP/1.1`,
      "Host: x",
      "Content-Length: 2",
      "Connection: close",
      ...(token ? [`Authorization: Bearer ${token}`] : []),
    ];
    assert.equal((await sendRaw(ground.usher.url, lines, "{}")).status, 415, path);
  }
});

test("a body where none is taken is refused", async () => {
  const answer = await ground.usher.send("DELETE", `/users/${ground.person.userId}`, {
    token: ground.person.token,
    body: { confirm: true },
  });
  assertProblem(answer, { status: 400, field: "body" });
});

test("a body of 1 MB is 413, announced or in pieces, before it is read", async () => {
  const raw = JSON.stringify({ email: "a".repeat(1024 * 1024) });
  for (const { method, path, token } of [
    ...ground.writes,
    { method: "POST", path: "/users/webhook-kyc", token: undefined },
  ]) {
    assertProblem(await ground.usher.send(method, path, { token, raw }), { status: 413, code: "body-too-large" }, path);
  }
  const head = ["POST /users/resend-code HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close"];
  const piece = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const chunked = await sendRaw(ground.usher.url, [...head, "Transfer-Encoding: chunked"], piece.repeat(16));
  assert.equal(chunked.status, 413, chunked.text.slice(0, 200));
});

test("deep nesting and long texts are refused without harm", async () => {
  for (const depth of [33, 1_000, 60_000]) {
    const raw = `{"email":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    assertProblem(
      await ground.usher.send("POST", "/users/resend-code", { raw }),
      { status: 400, code: "malformed-json" },
      `${depth}`,
    );
  }
  const long = "x".repeat(100 * 1024);
  for (const { method, path, token, body } of ground.writes) {
    for (const field of Object.keys(body)) {
      const answer = await ground.usher.send(method, path, { token, body: { ...body, [field]: long } });
      assertProblem(answer, { status: 400, field }, `${path} ${field}`);
      assert.ok(answer.text.length < 2_000, "the value is not repeated");
    }
    const named = await ground.usher.send(method, path, { token, body: { ...body, [long]: 1 } });
    assertProblem(named, { status: 400 });
    assert.ok(named.text.length < 4_000, "a long name is cut");
  }
  assertProblem(await ground.usher.send("GET", `/users/list?q=${long.slice(0, 8000)}`, { token: ground.admin }), {
    status: 400,
    field: "q",
  });
  assertProblem(await ground.usher.send("GET", `/users/${long.slice(0, 2000)}`, { token: ground.admin }), {
    status: 400,
  });
});
