import assert from "node:assert/strict";
import { test } from "node:test";
import { sendRaw, standOnBadGround } from "./bad-ground.ts";
import { assertProblem } from "./problem.ts";

const ground = standOnBadGround();

test("garbage in Authorization is 401 with the way out, on every form", async () => {
  const [header = "", claims = "", signature = ""] = ground.person.token.split(".");
  const forged = (head: object) => `${Buffer.from(JSON.stringify(head)).toString("base64url")}.${claims}`;
  const bad = [
    "", "Bearer", "Bearer ", "Basic YTpi", `Token ${ground.person.token}`, ground.person.token, `Bearer  ${ground.person.token}`, `Bearer ${ground.person.token} x`, `Bearer ${ground.person.token},Bearer x`, "Bearer a.b.c",
    "Bearer ....", `Bearer ${"a".repeat(5000)}`, `Bearer ${header}.${claims}.`, `Bearer ${header}.${claims}`, `Bearer ${header}..${signature}`, `Bearer ${ground.person.refreshToken}`,
    `Bearer ${forged({ alg: "none", typ: "at+jwt" })}.`, `Bearer ${forged({ alg: "HS256", typ: "at+jwt" })}.${signature}`, `Bearer ${forged({ alg: "ES256", typ: "JWT" })}.${signature}`,
    "Bearer null", "Bearer undefined", "bearer é", "Negotiate x",
  ]; // biome-ignore format: one glance
  for (const authorization of bad) {
    const headers = { authorization: Buffer.from(authorization, "utf8").toString("latin1") };
    assertProblem(
      await ground.usher.send("GET", "/auth/me", { headers }),
      { status: 401, code: "unauthenticated" },
      authorization.slice(0, 60),
    );
  }
  assertProblem(await ground.usher.send("GET", "/auth/me"), { status: 401, code: "unauthenticated" });
  const optional = await ground.usher.send("POST", "/users/register", {
    body: {},
    headers: { authorization: "Bearer x" },
  });
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
    const answer = await sendRaw(ground.usher.url, lines);
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
    const answer = await ground.usher.send("GET", "/livez", { headers: { [header]: "127.0.0.1, DELETE /users" } });
    assert.equal(answer.status, 200, header);
  }
});

test("an identity header of a gateway is not believed", async () => {
  const headers = {
    "x-user-id": ground.adminId,
    "x-authenticated-userid": ground.adminId,
    "x-roles": "internal-admin",
    "x-remote-user": "admin",
  };
  assertProblem(await ground.usher.send("GET", "/users/list", { headers }), { status: 401 });
  assertProblem(await ground.usher.send("GET", `/users/${ground.adminId}`, { token: ground.person.token, headers }), {
    status: 403,
  });
});

test("a stale If-Match is 412 on every user write, and nothing changes", async () => {
  // A POST makes something beside the user, and reads no If-Match.
  const isOfUser = ({ method, path }: { method: string; path: string }) =>
    method !== "POST" && path.startsWith(`/users/${ground.person.userId}`);
  for (const { method, path, token, body } of ground.writes.filter(isOfUser)) {
    for (const tag of ['"stale"', 'W/"x"', "garbage", '""', '"a", "b"']) {
      const answer = await ground.usher.send(method, path, { token, body, headers: { "if-match": tag } });
      assertProblem(answer, { status: 412, code: "precondition-failed" }, `${path} ${tag}`);
    }
  }
  const erased = await ground.usher.send("DELETE", `/users/${ground.person.userId}`, {
    token: ground.person.token,
    headers: { "if-match": '"stale"' },
  });
  assertProblem(erased, { status: 412, code: "precondition-failed" });
});

test("an Idempotency-Key of the wrong form is refused by name", async () => {
  for (const key of ["", " ", "a b", "x".repeat(256), "é"]) {
    const headers = { "idempotency-key": Buffer.from(key, "utf8").toString("latin1") };
    const answer = await ground.usher.send("POST", "/organizations", {
      token: ground.admin,
      headers,
      body: { name: "Never" },
    });
    assertProblem(answer, { status: 400, field: "Idempotency-Key" }, key.slice(0, 10));
  }
});

test("every refusal leads to a page that explains it", async () => {
  const openapi = await ground.usher.send("GET", "/openapi.json");
  const codes = new Set(openapi.text.match(/`[a-z0-9]+(?:-[a-z0-9]+)+`: /g)?.map((found) => found.slice(1, -3)));
  assert.ok(codes.size > 20, `${codes.size} codes are documented`);
  for (const code of [...codes, "headers-too-large", "request-timeout", "not-found"]) {
    const page = await ground.usher.send("GET", `/docs/errors/${code}`);
    assert.equal(page.status, 200, code);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.ok(page.text.includes(`<code>${code}</code>`), code);
  }
  const answer = await ground.usher.send("GET", "/auth/me");
  const resolved = await ground.usher.send("GET", new URL(answer.body.type).pathname);
  assert.equal(resolved.status, 200);
  assertProblem(await ground.usher.send("GET", "/docs/errors/no-such-code"), { status: 404 });
});
