import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fingerprintDatabase } from "./database-content.ts";
import { type Person, password, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let admin: string;
let adminId: string;
let person: Person;
let orgId: string;

before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
  adminId = (await usher.send("GET", "/auth/me", { token: admin })).body.userId;
  person = await usher.createPerson({ org_name: "Bad Input Ltd" });
  orgId = (await usher.send("GET", `/users/${person.userId}`, { token: admin })).body.org_id;
});
after(() => usher.stop());

/** What counts attempts, or keeps forged deliveries, by design. */
const attempts = ["public.throttles", "public.webhook_deliveries"];
let content: Record<string, string>;
beforeEach(async () => {
  content = await fingerprintDatabase(usher.ownerUrl, attempts);
});
afterEach(async () => {
  assert.deepEqual(await fingerprintDatabase(usher.ownerUrl, attempts), content, "a refused request wrote something");
});

/** Every endpoint that takes a body, with a body that would be fine; `token` where one is needed. */
function writes(): { method: string; path: string; token?: string; body: Record<string, unknown> }[] {
  const email = "somebody@example.com";
  const user = `/users/${person.userId}`;
  const members = `/organizations/${orgId}/members`;
  const stranger = "01900000-0000-7000-8000-000000000001";
  return [
    { method: "POST", path: "/users/register", body: { email, fname: "Ada", lname: "Okafor", password } },
    { method: "POST", path: "/users/confirm", body: { email, confirmation_code: "123456" } },
    { method: "POST", path: "/users/resend-code", body: { email } },
    { method: "POST", path: "/auth/login", body: { email, password } },
    { method: "POST", path: "/auth/login-link", body: { token: "x" } },
    { method: "POST", path: "/auth/refresh", body: { refreshToken: "x" } },
    { method: "POST", path: "/auth/forgot-password", body: { email } },
    {
      method: "POST",
      path: "/auth/reset-password",
      body: { email, confirmation_code: "123456", new_password: password },
    },
    { method: "POST", path: "/auth/logout", token: person.token, body: { refreshToken: "x" } },
    { method: "PUT", path: user, token: person.token, body: { city: "Lagos" } },
    { method: "PUT", path: `${user}/activate`, token: admin, body: { status: "active", reason: "r" } },
    { method: "PUT", path: `${user}/deactivate`, token: admin, body: { updated_by: adminId, reason: "r" } },
    { method: "PUT", path: `${user}/status`, token: admin, body: { status: "blocked", reason: "r" } },
    { method: "PUT", path: `${user}/role`, token: admin, body: { role: "freelancer", type: "user", reason: "r" } },
    { method: "POST", path: "/organizations", token: admin, body: { name: "Org", admin_user_id: stranger } },
    { method: "POST", path: members, token: admin, body: { user_id: stranger, role: "user" } },
    { method: "PUT", path: members, token: admin, body: { user_id: stranger, role: "user" } },
    { method: "DELETE", path: members, token: admin, body: { user_id: stranger } },
    { method: "POST", path: "/ekyc/me/sessions", token: person.token, body: { callback: "https://x.example/" } },
    {
      method: "POST",
      path: "/users/register",
      token: person.token,
      body: { firstname: "Ada", lastname: "Okafor", email, accountType: "standard" },
    },
    {
      method: "POST",
      path: "/auth/nonce",
      body: {
        userAddress: `0x${"1".repeat(40)}`,
        frontSig: `0x${"1".repeat(130)}`,
        nonce: "1".repeat(32),
        backSig: `a.${"1".repeat(43)}`,
        message: "m",
      },
    },
    { method: "POST", path: "/users/lookup", token: admin, body: { email } },
    {
      method: "PUT",
      path: `/users/${stranger}/arbitrator/verification`,
      token: admin,
      body: { verification: "verified", reason: "r" },
    },
  ];
}

/** Sends bytes as they are, with a token, and gives the status line, headers and body. */
function sendRaw(lines: string[], body: Buffer | string = ""): Promise<{ status: number; text: string }> {
  const { port } = new URL(usher.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      socket.write(body);
    });
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("error", reject).on("close", () => resolve({ status: Number(text.split(" ")[1]), text }));
  });
}

test("the gate takes plain int32 digits and nothing else", async (t) => {
  const bad = [
    "0", "-1", "-0", "2147483648", "4294967297", "9223372036854775808", "99999999999", "9".repeat(300), "01", "007", "+1", "%31", "1%30", "%2B1",
    "1e3", "1.0", "1.", "0x1", "0b1", "%201", "1%20", "%C2%A01", "1%00", "%00", "1n", "1_000", "1,000", "%D9%A1", "%EF%BC%91", "NaN", "null", "undefined",
    "true", "[1]", "%7B%7D", "..%2f1", "1;x", "abc", "%F0%9F%A6%9C", person.userId,
  ]; // biome-ignore format: one glance
  for (const id of bad) {
    for (const query of ["", "?explain=true"]) {
      assertProblem(
        await usher.send("GET", `/User/${id}/status${query}`, { token: admin }),
        { status: 400, field: "id" },
        id,
      );
    }
  }
  const own = await sendRaw([
    `GET /User/%3${String(person.id)[0]}${String(person.id).slice(1)}/status HTTP/1.1`, "Host: x", `Authorization: Bearer ${person.token}`, "Connection: close",
  ]); // biome-ignore format: one glance
  assert.equal(own.status, 400, "an encoded id is refused to its owner as well");
  for (const id of ["2147483647", "1999999999"]) {
    assertProblem(
      await usher.send("GET", `/User/${id}/status`, { token: admin }),
      { status: 404, code: "user-not-found" },
      id,
    );
  }
  assert.equal((await usher.send("GET", `/User/${person.id}/status`, { token: admin })).status, 200);
  for (const path of ["/User/1/status/", "/user/1/status", "/User/1", "/User/1//status"]) {
    assertProblem(await usher.send("GET", path, { token: admin }), { status: 404 }, path);
  }
  assertProblem(await usher.send("GET", "/User//status", { token: admin }), { status: 400, field: "id" });
  for (const query of [
    "explain=yes",
    "explain=TRUE",
    "explain=",
    "explain=true&explain=true",
    "other=1",
    "explain[]=true",
    "__proto__=1",
  ]) {
    assertProblem(
      await usher.send("GET", `/User/${person.id}/status?${query}`, { token: admin }),
      { status: 400 },
      query,
    );
  }
  t.diagnostic(`${bad.length} forms of an id refused`);
});

test("the gate answers JSON whatever Accept says, never 406", async () => {
  for (const accept of ["", "text/html", "application/xml", "*/*;q=0", "garbage", "image/png, text/plain;q=0.1"]) {
    const answer = await usher.send("GET", `/User/${person.id}/status`, { token: admin, headers: { accept } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
    assert.deepEqual(Object.keys(answer.body), [
      "isEmailVerified",
      "isPhoneNumberVerified",
      "isScaVerified",
      "isAdditionalData",
      "isOptionalKyc",
      "status",
    ]);
  }
});

test("NUL characters and lone surrogates are refused in every text field, by its name", async (t) => {
  let checked = 0;
  for (const { method, path, token, body } of writes()) {
    for (const field of Object.keys(body)) {
      for (const bad of ["a\\u0000b", "\\ud800", "x\\udc00y", "\\udc00\\ud800"]) {
        const raw = JSON.stringify({ ...body, [field]: "@@" }).replace("@@", bad);
        assertProblem(
          await usher.send(method, path, { token, raw }),
          { status: 400, field },
          `${method} ${path} ${field} ${bad}`,
        );
        checked += 1;
      }
    }
    assertProblem(await usher.send(method, path, { token, raw: '{"a\\u0000b":1}' }), { status: 400 }, path);
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
  for (const { method, path, token, body } of writes()) {
    for (const extra of extras) {
      const raw = JSON.stringify(body).replace(/^\{/, `{${JSON.stringify(extra)}:{"isAdmin":true},`);
      assertProblem(
        await usher.send(method, path, { token, raw }),
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
      await usher.send("POST", "/users/resend-code", { raw }),
      { status: 400, code: "malformed-json" },
      raw,
    );
  }
});

test("values of the wrong type are refused by name and never coerced", async (t) => {
  let checked = 0;
  for (const { method, path, token, body } of writes()) {
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
        ...(path.endsWith(person.userId) ? [] : [null]),
      ]) {
        const answer = await usher.send(method, path, { token, body: { ...body, [field]: value } });
        assertProblem(answer, { status: 400, field }, `${path} ${field} ${JSON.stringify(value)}`);
        checked += 1;
      }
    }
  }
  assertProblem(await usher.send("POST", "/auth/logout", { token: person.token, body: { everywhere: "true" } }), {
    status: 400,
    field: "everywhere",
  });
  assertProblem(await usher.send("POST", "/ekyc/me/sessions", { token: person.token, body: { restart: 1 } }), {
    status: 400,
    field: "restart",
  });
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
  for (const { method, path, token } of writes()) {
    if (path === "/auth/logout" || path === "/ekyc/me/sessions") continue;
    for (const [name, raw] of bad) {
      assertProblem(await usher.send(method, path, { token, raw }), { status: 400 }, `${path}: ${name}`);
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
  const endpoints = [...writes(), { method: "POST", path: "/users/webhook-kyc", token: undefined, body: {} }];
  for (const { method, path, token, body } of endpoints) {
    for (const type of types) {
      const answer = await usher.send(method, path, { token, body, headers: { "content-type": type } });
      assertProblem(answer, { status: 415, code: "unsupported-media-type" }, `${path} ${type}`);
    }
    const lines = [
      `${method} ${path} HTTP/1.1`,
      "Host: x",
      "Content-Length: 2",
      "Connection: close",
      ...(token ? [`Authorization: Bearer ${token}`] : []),
    ];
    assert.equal((await sendRaw(lines, "{}")).status, 415, path);
  }
});

test("a body where none is taken is refused", async () => {
  const answer = await usher.send("DELETE", `/users/${person.userId}`, {
    token: person.token,
    body: { confirm: true },
  });
  assertProblem(answer, { status: 400, field: "body" });
});

test("a body of 1 MB is 413, announced or in pieces, before it is read", async () => {
  const raw = JSON.stringify({ email: "a".repeat(1024 * 1024) });
  for (const { method, path, token } of [
    ...writes(),
    { method: "POST", path: "/users/webhook-kyc", token: undefined },
  ]) {
    assertProblem(await usher.send(method, path, { token, raw }), { status: 413, code: "body-too-large" }, path);
  }
  const head = ["POST /users/resend-code HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close"];
  const piece = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const chunked = await sendRaw([...head, "Transfer-Encoding: chunked"], piece.repeat(16));
  assert.equal(chunked.status, 413, chunked.text.slice(0, 200));
});

test("deep nesting and long texts are refused without harm", async () => {
  for (const depth of [33, 1_000, 60_000]) {
    const raw = `{"email":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    assertProblem(
      await usher.send("POST", "/users/resend-code", { raw }),
      { status: 400, code: "malformed-json" },
      `${depth}`,
    );
  }
  const long = "x".repeat(100 * 1024);
  for (const { method, path, token, body } of writes()) {
    for (const field of Object.keys(body)) {
      const answer = await usher.send(method, path, { token, body: { ...body, [field]: long } });
      assertProblem(answer, { status: 400, field }, `${path} ${field}`);
      assert.ok(answer.text.length < 2_000, "the value is not repeated");
    }
    const named = await usher.send(method, path, { token, body: { ...body, [long]: 1 } });
    assertProblem(named, { status: 400 });
    assert.ok(named.text.length < 4_000, "a long name is cut");
  }
  assertProblem(await usher.send("GET", `/users/list?q=${long.slice(0, 8000)}`, { token: admin }), {
    status: 400,
    field: "q",
  });
  assertProblem(await usher.send("GET", `/users/${long.slice(0, 2000)}`, { token: admin }), { status: 400 });
});

test("queries parse by a strict grammar, and unknown ones are refused by name", async () => {
  const list = (query: string) => usher.send("GET", `/users/list?${query}`, { token: admin });
  const limits = [
    "0",
    "101",
    "-1",
    "1.5",
    "1e1",
    "010",
    "+5",
    "%205",
    "5%20",
    "0x5",
    "",
    "ten",
    "٥",
    "9999999999999999999",
    "null",
    "[]",
  ];
  for (const limit of limits)
    assertProblem(await list(`limit=${encodeURIComponent(limit)}`), { status: 400, field: "limit" }, limit);
  assertProblem(await list("limit=5&limit=6"), { status: 400, field: "limit" });
  const words: [string, string][] = [
    ["status", "closed"],
    ["status", "ACTIVE"],
    ["role", "root"],
    ["type", "admin"],
    ["org_id", "1"],
    ["org_id", "' or 1=1 --"],
    ["q", ""],
    ["q", "\0"],
    ["unknown", "1"],
    ["__proto__", "1"],
    ["constructor", "1"],
    ["limit[]", "5"],
  ];
  for (const [field, value] of words)
    assertProblem(await list(`${field}=${encodeURIComponent(value)}`), { status: 400, field }, field);
  for (const path of [
    "/livez?x=1",
    "/auth/me?x=1",
    `/users/${person.userId}?x=1`,
    "/users/resend-code?x=1",
    "/version?__proto__=1",
  ]) {
    const method = path.startsWith("/users/resend") ? "POST" : "GET";
    const answer = await usher.send(method, path, {
      token: admin,
      ...(method === "POST" ? { body: { email: "a@example.com" } } : {}),
    });
    assertProblem(answer, { status: 400 }, path);
  }
  const harmless = await list(`q=${encodeURIComponent("%_\\'\";--")}`);
  assert.deepEqual([harmless.status, harmless.body.count], [200, 0], "wildcards count as themselves");
});

test("ids of the wrong form are refused where the caller may know, and paths of the wrong form everywhere", async () => {
  const ids = [
    "1",
    "not-a-uuid",
    "..%2f..%2fetc",
    "%00",
    "'--",
    `${person.userId}x`,
    person.userId.replaceAll("-", ""),
    `{${person.userId}}`,
    "%F0%9F%A6%9C",
  ];
  for (const id of ids) {
    for (const path of [
      `/users/${id}`,
      `/users/${id}/timeline`,
      `/organizations/${id}`,
      `/organizations/${id}/members`,
      `/webhooks/inbox/${id}`,
    ]) {
      assertProblem(await usher.send("GET", path, { token: admin }), { status: 400 }, path);
    }
  }
  for (const path of ["/users/%zz", "/users/%", "/users/%c3", "/User/%ff%fe/status", "/%c0%ae"]) {
    const answer = await sendRaw([
      `GET ${path} HTTP/1.1`,
      "Host: x",
      `Authorization: Bearer ${admin}`,
      "Connection: close",
    ]);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.match(answer.text, /content-type: application\/problem\+json/i, path);
  }
  for (const [method, path] of [
    ["GET", "/nothing"],
    ["POST", "/livez"],
    ["PATCH", `/users/${person.userId}`],
    ["DELETE", "/auth/login"],
    ["GET", "/auth/"],
    ["GET", "/USERS/list"],
  ] as const) {
    assertProblem(
      await usher.send(method, path, { token: admin }),
      { status: 404, code: "not-found" },
      `${method} ${path}`,
    );
  }
});

test("altered, foreign and re-used cursors are refused", async () => {
  const lists = [
    { path: "/users/list?limit=1", other: "/users/list?limit=1&role=retail" },
    { path: `/users/${person.userId}/timeline?limit=1`, other: `/users/${adminId}/timeline?limit=1` },
  ];
  for (const { path, other } of lists) {
    const { body } = await usher.send("GET", path, { token: admin });
    const cursor: string = body.last_evaluated_key;
    assert.ok(cursor, `${path} has more than one page`);
    const ask = (key: string, place = path, token = admin) =>
      usher.send("GET", `${place}&last_evaluated_key=${encodeURIComponent(key)}`, { token });
    assert.equal((await ask(cursor)).status, 200);
    const decoded = Buffer.from(cursor, "base64url").toString();
    const [payload = "", signature = ""] = decoded.split(".");
    const forge = (text: string) => Buffer.from(text).toString("base64url");
    const altered = [
      "x", "", "null", "{}", cursor.slice(0, -3), cursor.slice(3), cursor + cursor, cursor.split("").reverse().join(""), payload, forge(payload), forge(`.${signature}`),
      forge(`${forge('{"createdAt":"now","id":1}')}.${signature}`), forge(`${payload}.${forge("0123456789abcdef")}`), forge(`${decoded}.x`), "%00", "'", forge("\0"), "A".repeat(499),
    ]; // biome-ignore format: one glance
    for (const key of altered)
      assertProblem(await ask(key), { status: 400, field: "last_evaluated_key" }, `${path} ${key}`);
    assertProblem(await ask(cursor, other), { status: 400, field: "last_evaluated_key" }, "another list");
    assertProblem(
      await ask(cursor, path, person.token),
      { status: 400, field: "last_evaluated_key" },
      "another caller",
    );
    assertProblem(await ask(lists[0]?.path === path ? "QQ" : cursor, "/users/list?limit=1"), {
      status: 400,
      field: "last_evaluated_key",
    });
  }
});

test("garbage in Authorization is 401 with the way out, on every form", async () => {
  const [header = "", claims = "", signature = ""] = person.token.split(".");
  const forged = (head: object) => `${Buffer.from(JSON.stringify(head)).toString("base64url")}.${claims}`;
  const bad = [
    "", "Bearer", "Bearer ", "Basic YTpi", `Token ${person.token}`, person.token, `Bearer  ${person.token}`, `Bearer ${person.token} x`, `Bearer ${person.token},Bearer x`, "Bearer a.b.c",
    "Bearer ....", `Bearer ${"a".repeat(5000)}`, `Bearer ${header}.${claims}.`, `Bearer ${header}.${claims}`, `Bearer ${header}..${signature}`, `Bearer ${person.refreshToken}`,
    `Bearer ${forged({ alg: "none", typ: "at+jwt" })}.`, `Bearer ${forged({ alg: "HS256", typ: "at+jwt" })}.${signature}`, `Bearer ${forged({ alg: "ES256", typ: "JWT" })}.${signature}`,
    "Bearer null", "Bearer undefined", "bearer é", "Negotiate x",
  ]; // biome-ignore format: one glance
  for (const authorization of bad) {
    const headers = { authorization: Buffer.from(authorization, "utf8").toString("latin1") };
    assertProblem(
      await usher.send("GET", "/auth/me", { headers }),
      { status: 401, code: "unauthenticated" },
      authorization.slice(0, 60),
    );
  }
  assertProblem(await usher.send("GET", "/auth/me"), { status: 401, code: "unauthenticated" });
  const optional = await usher.send("POST", "/users/register", { body: {}, headers: { authorization: "Bearer x" } });
  assertProblem(optional, { status: 401 }, "a bad token is an error where a token is optional");
});

test("what is no HTTP, and headers without measure, are refused with a problem document", async () => {
  const cases: [string, string[], number][] = [
    ["huge headers", ["GET /livez HTTP/1.1", "Host: x", `X-Long: ${"a".repeat(40_000)}`], 431],
    [
      "many headers",
      ["GET /livez HTTP/1.1", "Host: x", ...Array.from({ length: 3_000 }, (_none, index) => `X-${index}: y`)],
      431,
    ],
    ["no HTTP", ["hello"], 400],
    ["a control character in a header", ["GET /livez HTTP/1.1", "Host: x", "X-A: a\u0001b"], 400],
    ["two lengths", ["POST /users/resend-code HTTP/1.1", "Host: x", "Content-Length: 2", "Content-Length: 3"], 400],
    [
      "length and chunks",
      ["POST /users/resend-code HTTP/1.1", "Host: x", "Content-Length: 2", "Transfer-Encoding: chunked"],
      400,
    ],
    ["a blank in the path", ["GET /li vez HTTP/1.1", "Host: x"], 400],
  ];
  for (const [name, lines, status] of cases) {
    const answer = await sendRaw(lines);
    assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 200)}`);
    const [head = "", body = ""] = answer.text.split("\r\n\r\n");
    assert.match(head, /content-type: application\/problem\+json/i, name);
    const { type, errorCode, status: inside } = JSON.parse(body);
    assert.equal(inside, status);
    assert.ok(type.endsWith(`/docs/errors/${errorCode}`));
  }
  for (const header of [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-http-method-override",
    "x-original-url",
    "x-user-id",
    "forwarded",
    "via",
    "te",
    "range",
    "expect-ct",
  ]) {
    const answer = await usher.send("GET", "/livez", { headers: { [header]: "127.0.0.1, DELETE /users" } });
    assert.equal(answer.status, 200, header);
  }
});

test("an identity header of a gateway is not believed", async () => {
  const headers = {
    "x-user-id": adminId,
    "x-authenticated-userid": adminId,
    "x-roles": "internal-admin",
    "x-remote-user": "admin",
  };
  assertProblem(await usher.send("GET", "/users/list", { headers }), { status: 401 });
  assertProblem(await usher.send("GET", `/users/${adminId}`, { token: person.token, headers }), { status: 403 });
});

test("a stale If-Match is 412 on every user write, and nothing changes", async () => {
  for (const { method, path, token, body } of writes().filter(({ path: place }) =>
    place.startsWith(`/users/${person.userId}`),
  )) {
    for (const tag of ['"stale"', 'W/"x"', "garbage", '""', '"a", "b"']) {
      const answer = await usher.send(method, path, { token, body, headers: { "if-match": tag } });
      assertProblem(answer, { status: 412, code: "precondition-failed" }, `${path} ${tag}`);
    }
  }
  const erased = await usher.send("DELETE", `/users/${person.userId}`, {
    token: person.token,
    headers: { "if-match": '"stale"' },
  });
  assertProblem(erased, { status: 412, code: "precondition-failed" });
});

test("nobody writes what belongs to the server: ids, status, flags, times and rights are refused on every write", async (t) => {
  const forbidden = {
    id: 1, user_id: adminId, userId: adminId, status: "active", lifecycle: "active", status_before: "active", status_by: "operator", email_verified_at: "2020-01-01T00:00:00Z",
    isEmailVerified: true, isSuperAdmin: true, kyc_status: "approved", kyc_session_id: "x", kyc_approved_at: "2020-01-01T00:00:00Z", kyc_failure_reason: "", bridge_customer_id: "x",
    cognito_username: "x", org_ids: [orgId], created_at: "2020-01-01T00:00:00Z", updated_at: "2020-01-01T00:00:00Z", updated_by: adminId, version: 99, erased_at: null,
    password_hash: "x", permissions: ["users.status.get"], accountType: "arbitrator", account_type: "arbitrator", triggered_by: adminId, at: "2020-01-01T00:00:00Z", actor: "system",
  }; // biome-ignore format: one glance
  let checked = 0;
  for (const { method, path, token, body } of writes()) {
    for (const [field, value] of Object.entries(forbidden)) {
      if (field in body) continue;
      assertProblem(
        await usher.send(method, path, { token, body: { ...body, [field]: value } }),
        { status: 400, field },
        `${path} ${field}`,
      );
      checked += 1;
    }
  }
  for (const field of ["role", "type", "email", "org_id", "created_by", "password"]) {
    const answer = await usher.send("PUT", `/users/${person.userId}`, { token: admin, body: { [field]: "retail" } });
    assertProblem(answer, { status: 400, field }, `PUT ${field}`);
  }
  t.diagnostic(`${checked} fields checked`);
});

test("an anonymous registration sets neither rights nor origin, and joins as a plain member only", async () => {
  const body = { email: "mass@example.com", fname: "M", lname: "A", password };
  const register = (more: object, token?: string) =>
    usher.send("POST", "/users/register", { body: { ...body, ...more }, token });
  for (const token of [undefined, person.token]) {
    assertProblem(await register({ role: "super-admin" }, token), { status: 400, field: "role" });
    assertProblem(await register({ role: "retail" }, token), { status: 400, field: "role" });
    assertProblem(await register({ type: "internal-admin" }, token), { status: 400, field: "type" });
    assertProblem(await register({ created_by: adminId }, token), { status: 400, field: "created_by" });
    assertProblem(await register({ org_id: orgId, org_member_role: "admin" }, token), {
      status: 400,
      field: "org_member_role",
    });
    assertProblem(await register({ org_id: orgId, org_member_role: "staff" }, token), {
      status: 400,
      field: "org_member_role",
    });
  }
  assertProblem(await register({ org_member_role: "admin" }), { status: 400, field: "org_member_role" });
  assertProblem(await register({ org_id: "01900000-0000-7000-8000-00000000beef" }), { status: 400, field: "org_id" });
  assertProblem(await register({ org_id: "01900000-0000-7000-8000-00000000beef", org_name: "Other" }), {
    status: 400,
    field: "org_id",
  });
  assertProblem(await register({ created_by: person.userId }, admin), { status: 400, field: "created_by" });
  assertProblem(await register({ status: "active" }, admin), { status: 400, field: "status" });
});

test("registration names each field that is wrong, all at once", async () => {
  const bad = {
    email: "not an address", fname: " ", lname: "x\ty", password: "short", date_of_birth: "2023-02-30", phone_number: "12", country: "XX1", id_type: "library card", id_number: "a;b", org_id: "1",
  }; // biome-ignore format: one glance
  const answer = await usher.send("POST", "/users/register", { body: bad });
  assertProblem(answer, { status: 400, code: "invalid-request" });
  assert.deepEqual(Object.keys(answer.body.errors).sort(), Object.keys(bad).sort());
  const fine = { email: "fine@example.com", fname: "A", lname: "B", password };
  const meaning = { ...fine, country: "ZZ", phone_number: "+1 555", date_of_birth: "1890-01-01" };
  const second = await usher.send("POST", "/users/register", { body: meaning });
  assertProblem(second, { status: 400 });
  assert.deepEqual(Object.keys(second.body.errors).sort(), ["country", "date_of_birth", "phone_number"]);
  const emails = [
    "a@b",
    "@example.com",
    "a@",
    "a b@example.com",
    "a@exa mple.com",
    "a@-example.com",
    "a@example..com",
    `${"a".repeat(65)}@example.com`,
    "a@example.com\nBcc: x@example.com",
    "<a@example.com>",
    "a@example.com,b@example.com",
    "ädä@example.com",
    "a@[127.0.0.1]",
  ];
  for (const email of emails)
    assertProblem(
      await usher.send("POST", "/users/register", { body: { ...fine, email } }),
      { status: 400, field: "email" },
      email,
    );
  for (const weak of ["password", "12345678", "qwertyuiop", "fine@example.com", "x".repeat(129), "aaaaaaaa"]) {
    assertProblem(
      await usher.send("POST", "/users/register", { body: { ...fine, password: weak } }),
      { status: 400, field: "password" },
      weak.slice(0, 20),
    );
  }
});

test("a date of birth lies between 1900 and today", async () => {
  const tomorrow = new Date(usher.clock.now().getTime() + 86_400_000).toISOString().slice(0, 10);
  for (const date_of_birth of [
    "1899-12-31",
    tomorrow,
    "0000-01-01",
    "2024-02-30",
    "24-01-01",
    "1990-1-1",
    "1990-05-17T00:00:00Z",
    "19900517",
  ]) {
    const answer = await usher.send("PUT", `/users/${person.userId}`, { token: person.token, body: { date_of_birth } });
    assertProblem(answer, { status: 400, field: "date_of_birth" }, date_of_birth);
  }
});

test("a verification's way back is a registered https origin, in its normal form", async () => {
  const bad = [
    "http://evil.example/",
    "https://evil.example/",
    "javascript:alert(1)",
    "//evil.example",
    "/relative",
    "",
    "https://evil.example@localhost/",
    "data:text/html,x",
    `${usher.url}@evil.example/`,
    "HTTPS://EVIL.EXAMPLE",
    "https:evil",
    "ftp://x/",
    "https://[::1",
    "\t/",
  ];
  for (const callback of bad) {
    assertProblem(
      await usher.send("POST", "/ekyc/me/sessions", { token: person.token, body: { callback } }),
      { status: 400, field: "callback" },
      callback,
    );
  }
  for (const purpose of ["", "other", "REQUIRED"]) {
    assertProblem(await usher.send("POST", "/ekyc/me/sessions", { token: person.token, body: { purpose } }), {
      status: 400,
      field: "purpose",
    });
  }
});

test("an Idempotency-Key of the wrong form is refused by name", async () => {
  for (const key of ["", " ", "a b", "x".repeat(256), "é"]) {
    const headers = { "idempotency-key": Buffer.from(key, "utf8").toString("latin1") };
    const answer = await usher.send("POST", "/organizations", { token: admin, headers, body: { name: "Never" } });
    assertProblem(answer, { status: 400, field: "Idempotency-Key" }, key.slice(0, 10));
  }
});

test("every refusal leads to a page that explains it", async () => {
  const openapi = await usher.send("GET", "/openapi.json");
  const codes = new Set(openapi.text.match(/`[a-z0-9]+(?:-[a-z0-9]+)+`: /g)?.map((found) => found.slice(1, -3)));
  assert.ok(codes.size > 20, `${codes.size} codes are documented`);
  for (const code of [...codes, "headers-too-large", "request-timeout", "not-found"]) {
    const page = await usher.send("GET", `/docs/errors/${code}`);
    assert.equal(page.status, 200, code);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.ok(page.text.includes(`<code>${code}</code>`), code);
  }
  const answer = await usher.send("GET", "/auth/me");
  const resolved = await usher.send("GET", new URL(answer.body.type).pathname);
  assert.equal(resolved.status, 200);
  assertProblem(await usher.send("GET", "/docs/errors/no-such-code"), { status: 404 });
});
