import assert from "node:assert/strict";
import { test } from "node:test";
import { sendRaw, standOnBadGround } from "./bad-ground.ts";
import { assertProblem } from "./problem.ts";

const ground = standOnBadGround();

test("the gate takes plain int32 digits and nothing else", async (t) => {
  const bad = [
    "0", "-1", "-0", "2147483648", "4294967297", "9223372036854775808", "99999999999", "9".repeat(300), "01", "007", "+1", "%31", "1%30", "%2B1",
    "1e3", "1.0", "1.", "0x1", "0b1", "%201", "1%20", "%C2%A01", "1%00", "%00", "1n", "1_000", "1,000", "%D9%A1", "%EF%BC%91", "NaN", "null", "undefined",
    "true", "[1]", "%7B%7D", "..%2f1", "1;x", "abc", "%F0%9F%A6%9C", ground.person.userId,
  ]; // biome-ignore format: one glance
  for (const id of bad) {
    for (const query of ["", "?explain=true"]) {
      assertProblem(
        await ground.usher.send("GET", `/User/${id}/status${query}`, { token: ground.admin }),
        { status: 400, field: "id" },
        id,
      );
    }
  }
  const own = await sendRaw(ground.usher.url, [
    `GET /User/%3${String(ground.person.id)[0]}${String(ground.person.id).slice(1)}/status HTTP/1.1`, "Host: x", `Authorization: Bearer ${ground.person.token}`, "Connection: close",
  ]); // biome-ignore format: one glance
  assert.equal(own.status, 400, "an encoded id is refused to its owner as well");
  for (const id of ["2147483647", "1999999999"]) {
    assertProblem(
      await ground.usher.send("GET", `/User/${id}/status`, { token: ground.admin }),
      { status: 404, code: "user-not-found" },
      id,
    );
  }
  assert.equal(
    (await ground.usher.send("GET", `/User/${ground.person.id}/status`, { token: ground.admin })).status,
    200,
  );
  for (const path of ["/User/1/status/", "/user/1/status", "/User/1", "/User/1//status"]) {
    assertProblem(await ground.usher.send("GET", path, { token: ground.admin }), { status: 404 }, path);
  }
  assertProblem(await ground.usher.send("GET", "/User//status", { token: ground.admin }), { status: 400, field: "id" });
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
      await ground.usher.send("GET", `/User/${ground.person.id}/status?${query}`, { token: ground.admin }),
      { status: 400 },
      query,
    );
  }
  t.diagnostic(`${bad.length} forms of an id refused`);
});

test("the gate answers JSON whatever Accept says, never 406", async () => {
  for (const accept of ["", "text/html", "application/xml", "*/*;q=0", "garbage", "image/png, text/plain;q=0.1"]) {
    const answer = await ground.usher.send("GET", `/User/${ground.person.id}/status`, {
      token: ground.admin,
      headers: { accept },
    });
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

test("queries parse by a strict grammar, and unknown ones are refused by name", async () => {
  const list = (query: string) => ground.usher.send("GET", `/users/list?${query}`, { token: ground.admin });
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
    `/users/${ground.person.userId}?x=1`,
    "/users/resend-code?x=1",
    "/version?__proto__=1",
  ]) {
    const method = path.startsWith("/users/resend") ? "POST" : "GET";
    const answer = await ground.usher.send(method, path, {
      token: ground.admin,
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
    `${ground.person.userId}x`,
    ground.person.userId.replaceAll("-", ""),
    `{${ground.person.userId}}`,
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
      assertProblem(await ground.usher.send("GET", path, { token: ground.admin }), { status: 400 }, path);
    }
  }
  for (const path of ["/users/%zz", "/users/%", "/users/%c3", "/User/%ff%fe/status", "/%c0%ae"]) {
    const answer = await sendRaw(ground.usher.url, [
      `GET ${path} HTTP/1.1`,
      "Host: x",
      `Authorization: Bearer ${ground.admin}`,
      "Connection: close",
    ]);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.match(answer.text, /content-type: application\/problem\+json/i, path);
    assert.match(answer.text, /x-content-type-options: nosniff/i, path);
  }
  for (const [method, path] of [
    ["GET", "/nothing"],
    ["GET", "/docs/nothing"],
    ["GET", "/docs/errors/x/y"],
    ["POST", "/livez"],
    ["PATCH", `/users/${ground.person.userId}`],
    ["DELETE", "/auth/login"],
    ["GET", "/auth/"],
    ["GET", "/USERS/list"],
  ] as const) {
    assertProblem(
      await ground.usher.send(method, path, { token: ground.admin }),
      { status: 404, code: "not-found" },
      `${method} ${path}`,
    );
  }
});

test("altered, foreign and re-used cursors are refused", async () => {
  const lists = [
    { path: "/users/list?limit=1", other: "/users/list?limit=1&role=retail" },
    { path: `/users/${ground.person.userId}/timeline?limit=1`, other: `/users/${ground.adminId}/timeline?limit=1` },
  ];
  for (const { path, other } of lists) {
    const { body } = await ground.usher.send("GET", path, { token: ground.admin });
    const cursor: string = body.last_evaluated_key;
    assert.ok(cursor, `${path} has more than one page`);
    const ask = (key: string, place = path, token = ground.admin) =>
      ground.usher.send("GET", `${place}&last_evaluated_key=${encodeURIComponent(key)}`, { token });
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
      await ask(cursor, path, ground.person.token),
      { status: 400, field: "last_evaluated_key" },
      "another caller",
    );
    assertProblem(await ask(lists[0]?.path === path ? "QQ" : cursor, "/users/list?limit=1"), {
      status: 400,
      field: "last_evaluated_key",
    });
  }
});
