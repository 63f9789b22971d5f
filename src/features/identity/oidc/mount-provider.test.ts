import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { answerUnknownPaths, createServer, unlimited } from "../../../foundation/http/index.ts";
import { randomIds } from "../../../foundation/ids/index.ts";
import { createLogger } from "../../../foundation/logging/index.ts";
import { createTestMachinery, publicUrl, type TestMachinery } from "./machinery-for-tests.ts";

const requestLog = new EventEmitter<{ line: [string] }>();
let machinery: TestMachinery;
let app: FastifyInstance;
let port = 0;
before(async () => {
  machinery = await createTestMachinery();
  const log = createLogger({
    level: "info",
    destination: { write: (line: string) => void requestLog.emit("line", line) },
  });
  app = await createServer({ ids: randomIds, log, publicUrl, trustProxy: false });
  answerUnknownPaths(app, { rateLimits: unlimited });
  machinery.tokens.register(app, { rateLimits: unlimited });
  port = Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
});
after(async () => {
  await app.close();
  await machinery.dispose();
});

const at = (path: string) => `http://127.0.0.1:${port}${path}`;
const form = (fields: Record<string, string>) => ({ method: "POST", body: new URLSearchParams(fields) });

/** Sends exactly these lines: fetch would not let a Host header or a request target be forged. */
function sendRaw(lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(`${lines.join("\r\n")}\r\n\r\n`));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

test("discovery names our address and what is in use", async () => {
  const answer = await fetch(at("/.well-known/openid-configuration"));
  const found = (await answer.json()) as Record<string, unknown>;
  assert.equal(answer.status, 200);
  assert.equal(found.issuer, publicUrl);
  assert.equal(found.token_endpoint, `${publicUrl}/oidc/token`);
  assert.equal(found.jwks_uri, `${publicUrl}/oidc/jwks`);
  assert.deepEqual(found.grant_types_supported, ["authorization_code", "refresh_token", "client_credentials"]);
  assert.deepEqual(found.token_endpoint_auth_methods_supported, [
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
  ]);
  const endpoints = Object.keys(found).filter((name) => /_endpoint$|_uri$/.test(name));
  assert.deepEqual(endpoints.sort(), [
    "authorization_endpoint",
    "introspection_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
  ]);
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});

test("a forged Host, proxy header or request target does not appear in discovery", async () => {
  const path = "/.well-known/openid-configuration";
  const forgeries = [
    [`GET ${path} HTTP/1.1`, "Host: evil.example", "Connection: close"],
    [
      `GET ${path} HTTP/1.1`,
      "Host: a",
      "X-Forwarded-Host: evil.example",
      "X-Forwarded-Proto: evil",
      "Connection: close",
    ],
    [`GET ${path} HTTP/1.1`, "Host: a", "Forwarded: host=evil.example", "Connection: close"],
    [`GET http://evil.example${path} HTTP/1.1`, "Host: evil.example", "Connection: close"],
    [`GET ${path}?x=evil.example HTTP/1.1`, "Host: a", "Connection: close"],
  ];
  for (const lines of forgeries) {
    const answer = await sendRaw(lines);
    assert.match(answer, /^HTTP\/1\.1 200/, lines.join(" | "));
    assert.ok(!answer.includes("evil"), lines.join(" | "));
    assert.ok(answer.includes(`"${publicUrl}/oidc/token"`));
  }
});

test("the key set publishes what verifies our tokens, and nothing private", async () => {
  const answer = await fetch(at("/oidc/jwks"));
  const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
  const [ours] = machinery.signingKeys;
  assert.deepEqual(keys, [{ kty: "EC", crv: "P-256", use: "sig", alg: "ES256", kid: ours.kid, x: ours.x, y: ours.y }]);
});

test("the token endpoint refreshes a first-party log-in, by the same rules", async () => {
  const { refreshToken, userId } = await machinery.logIn();
  const ask = () =>
    fetch(at("/oidc/token"), form({ grant_type: "refresh_token", client_id: "usher", refresh_token: refreshToken }));
  const answer = await ask();
  const body = (await answer.json()) as Record<string, string>;
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.deepEqual([body.token_type, body.expires_in], ["Bearer", 900]);
  assert.equal((await machinery.verifyUser(body.access_token ?? "")).userId, userId);
  const again = await ask();
  assert.equal(again.status, 400);
  assert.equal(((await again.json()) as Record<string, string>).error, "invalid_grant");
  await assert.rejects(machinery.tokens.refresh(body.refresh_token ?? ""), /invalid-refresh-token/);
});

test("of 64 refreshes at once over HTTP exactly one is answered with tokens", async () => {
  const { refreshToken } = await machinery.logIn();
  const fields = { grant_type: "refresh_token", client_id: "usher", refresh_token: refreshToken };
  const answers = await Promise.all(Array.from({ length: 64 }, () => fetch(at("/oidc/token"), form(fields))));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  assert.equal(statuses.filter((status) => status === 400).length, 63);
});

test("refusals of the authorization server are OAuth errors in JSON, also for a browser", async () => {
  const token = "/oidc/token";
  const json = { "content-type": "application/json" };
  const asked: [number, string, RequestInit][] = [
    [400, "invalid_request", { method: "POST" }],
    [400, "invalid_request", { method: "POST", headers: json, body: "{}" }],
    [400, "unsupported_grant_type", form({ grant_type: "password", client_id: "usher" })],
    [400, "invalid_request", form({ grant_type: "refresh_token", client_id: "usher" })],
    [401, "invalid_client", form({ grant_type: "refresh_token", client_id: "nobody\u0000", refresh_token: "x" })],
    [400, "invalid_request", { ...form({}), body: new URLSearchParams({ refresh_token: "x".repeat(100_000) }) }],
  ];
  for (const [status, error, init] of asked) {
    const answer = await fetch(at(token), { ...init, headers: { ...(init.headers as object), accept: "text/html" } });
    const body = (await answer.json()) as Record<string, string>;
    assert.deepEqual([answer.status, body.error], [status, error], JSON.stringify(body));
  }
});

test("what is not in use is not there", async () => {
  for (const path of ["/oidc/auth", "/oidc/me", "/oidc/reg", "/oidc/session/end", "/interaction/x"]) {
    const answer = await fetch(at(path));
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
  }
});

test("another site's page may not use the token endpoint", async () => {
  const { refreshToken } = await machinery.logIn();
  const init = form({ grant_type: "refresh_token", client_id: "usher", refresh_token: refreshToken });
  const foreign = await fetch(at("/oidc/token"), { ...init, headers: { origin: "https://evil.example" } });
  assert.equal(foreign.status, 400);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  assert.equal((await fetch(at("/oidc/token"), { ...init, headers: { origin: publicUrl } })).status, 200);
});

test("requests are logged by their route, without what was sent", async () => {
  const logged = once(requestLog, "line");
  const fields = { grant_type: "refresh_token", client_id: "usher", refresh_token: "canary" };
  await fetch(at("/oidc/token?canary=1"), form(fields));
  const [line] = await logged;
  assert.match(line, /"route":"\/oidc\/token","status":400/);
  assert.ok(!line.includes("canary"));
});
