import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { base64url, exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { readConfig } from "../src/config.ts";
import { password, startUsher, type TestUsher } from "./harness.ts";
import { assertProblem } from "./problem.ts";

const email = "root@example.com";
const audience = "https://usher.example";
const [key, strangers] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
let house: Server;
let issuer: string;
let usher: TestUsher;
let operator: string;
let isAway = false;
/** What the house was asked for. */
const asked: string[] = [];

before(async () => {
  const keys = { keys: [{ ...(await exportJWK(key.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
  house = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (isAway) return void response.writeHead(503).end();
    const discovery = { issuer, jwks_uri: `${issuer}/keys` };
    const document = request.url === "/keys" ? keys : discovery;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => house.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(house.address() as AddressInfo).port}`;
  const trusted = [
    { issuer, kind: "access-token", audience: [audience], clients: ["app"], algorithms: ["RS256"] },
    { issuer: `${issuer}/ids`, kind: "id-token", clients: ["app"], jwks_uri: `${issuer}/keys` },
    { issuer: `${issuer}/pool`, kind: "cognito", clients: ["app"], jwks_uri: `${issuer}/keys` },
  ];
  usher = await startUsher({
    TRUSTED_ISSUERS: JSON.stringify(trusted),
    BOOTSTRAP_ADMIN_EMAIL: email,
    BOOTSTRAP_ADMIN_PASSWORD: password,
  });
  operator = (await usher.logIn(email)).token;
});
after(async () => {
  await usher.stop();
  house.close();
});

type Changes = {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: Parameters<SignJWT["sign"]>[0];
};

function tokenOf({ header, claims, key: signingKey = key.privateKey }: Changes = {}): Promise<string> {
  const now = Math.floor(usher.clock.now().getTime() / 1000);
  const said = { iss: issuer, aud: audience, sub: "them-1", client_id: "app", iat: now, exp: now + 600, jti: "1" };
  return new SignJWT({ ...said, ...claims })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "k1", ...header } as JWTHeaderParameters)
    .sign(signingKey);
}

const me = (token: string) => usher.send("GET", "/auth/me", { token });
const link = (userId: string, body: object) =>
  usher.send("POST", `/users/${userId}/identities`, { token: operator, body });

test("what is forged, of another kind or out of its time is 401 and makes nobody fetch anything", async () => {
  const now = Math.floor(usher.clock.now().getTime() / 1000);
  const [, payload] = (await tokenOf()).split(".");
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  const shared = new TextEncoder().encode(await exportSPKI(key.publicKey));
  const forged = [
    `${encode({ alg: "none", typ: "at+jwt" })}.${payload}.`,
    await tokenOf({ header: { alg: "HS256" }, key: shared }),
    await tokenOf({ claims: { iss: "http://127.0.0.1:1" }, key: strangers.privateKey }),
    await tokenOf({ claims: { iss: `${issuer}/` } }),
    await tokenOf({ header: { jku: `${issuer}/evil`, alg: "RS384" } }).catch(() => "x.y.z"),
    await tokenOf({ claims: { aud: "https://other.example" } }),
    await tokenOf({ claims: { aud: undefined } }),
    await tokenOf({ claims: { client_id: "another" } }),
    await tokenOf({ header: { typ: "JWT" } }),
    await tokenOf({ header: { typ: undefined } }),
    await tokenOf({ claims: { exp: now - 31 } }),
    await tokenOf({ claims: { iat: now + 60 } }),
    await tokenOf({ claims: { nbf: now + 60 } }),
    await tokenOf({ claims: { iat: undefined } }),
    await tokenOf({ claims: { exp: "tomorrow" } }),
    await tokenOf({ claims: { iss: `${issuer}/ids`, aud: "app" } }),
    await tokenOf({ header: { typ: "JWT" }, claims: { iss: `${issuer}/ids`, aud: "other" } }),
    await tokenOf({ header: { typ: "JWT" }, claims: { iss: `${issuer}/ids`, aud: ["app", "b"], azp: "b" } }),
    await tokenOf({ claims: { iss: `${issuer}/pool`, token_use: "id" } }),
    await tokenOf({ claims: { iss: `${issuer}/pool`, token_use: "access", client_id: "b" } }),
  ];
  for (const token of forged) assertProblem(await me(token), { status: 401, code: "unauthenticated" }, token);
  assert.deepEqual(asked, []);
});

test("while the issuer's keys cannot be had, its tokens are answered 503, and nobody is asked again at once", async () => {
  isAway = true;
  const token = await tokenOf();
  assertProblem(await me(token), { status: 503, code: "unavailable" });
  const before_ = asked.length;
  assertProblem(await me(token), { status: 503, code: "unavailable" });
  assert.equal(asked.length, before_);
  isAway = false;
});

test("a good token counts through a stored link only, and no claim in it grants anything", async (t) => {
  const realNow = performance.now.bind(performance);
  t.mock.method(performance, "now", () => realNow() + 6_000);
  const person = await usher.createPerson();
  const claims = { email, role: "super-admin", type: "internal-admin", permissions: ["ekyc.session.list"] };
  const token = await tokenOf({ claims: { ...claims, scope: "ekyc.session.list", sub: "them-2" } });
  const refused = await me(token);
  assertProblem(refused, { status: 401, code: "unauthenticated" });
  assert.match(refused.body.detail, /linked/);
  const made = await link(person.userId, { issuer, subject: "them-2" });
  assert.equal(made.status, 201, made.text);
  const answer = await me(token);
  assert.deepEqual([answer.status, answer.body.userId], [200, person.userId]);
  assertProblem(await usher.send("GET", "/ekyc/admin", { token }), { status: 403 });
  assertProblem(await usher.send("GET", "/users/list", { token }), { status: 403 });
  assertProblem(await link(person.userId, { issuer, subject: "them-2" }), {
    status: 409,
    code: "subject-already-linked",
  });
  assertProblem(await link(person.userId, { issuer: "https://other.example", subject: "1" }), { status: 400 });
  assertProblem(await me(await tokenOf({ claims: { sub: person.userId } })), { status: 401 });
  for (const [header, key_] of [
    [{ kid: "k2" }, key],
    [{ jku: `${issuer}/evil` }, strangers],
    [{}, strangers],
  ] as const) {
    const fetched = asked.length;
    assertProblem(await me(await tokenOf({ header, claims: { sub: "them-2" }, key: key_.privateKey })), {
      status: 401,
    });
    assert.equal(asked.length, fetched);
  }
  const path = `/users/${person.userId}/identities`;
  const listed = await usher.send("GET", path, { token: person.token });
  assert.deepEqual(listed.body.identities, [made.body]);
  assert.equal((await usher.send("DELETE", `${path}/${made.body.identity_id}`, { token: operator })).status, 200);
  assertProblem(await me(token), { status: 401, code: "unauthenticated" });
  assert.ok(
    asked.every((path_) => ["/keys", "/.well-known/openid-configuration"].includes(path_)),
    asked.join(" "),
  );
});

test("ID tokens and user pools are accepted by their own rules", async () => {
  const person = await usher.createPerson();
  for (const [place, changes] of [
    ["/ids", { header: { typ: "JWT" }, claims: { aud: "app", client_id: undefined } }],
    ["/pool", { header: { typ: undefined }, claims: { token_use: "access", aud: undefined, auth_time: 1 } }],
  ] as const) {
    await link(person.userId, { issuer: `${issuer}${place}`, subject: "them-1" });
    const token = await tokenOf({ ...changes, claims: { ...changes.claims, iss: `${issuer}${place}` } });
    const answer = await me(token);
    assert.equal(answer.status, 200, `${place} ${answer.text}`);
  }
});

test("blocking a person ends what their foreign tokens can do", async () => {
  const person = await usher.createPerson();
  await link(person.userId, { issuer, subject: "them-3" });
  const token = await tokenOf({ claims: { sub: "them-3" } });
  assert.equal((await me(token)).status, 200);
  const body = { status: "blocked", reason: "test" };
  assert.equal((await usher.send("PUT", `/users/${person.userId}/status`, { token: operator, body })).status, 200);
  assertProblem(await me(token), { status: 401, code: "account-blocked" });
});

test("TRUSTED_ISSUERS is read strictly, and every mistake is named", () => {
  const entry = { issuer: "https://a.example", kind: "access-token", audience: ["x"] };
  const read = (value: unknown) => readConfig({ TRUSTED_ISSUERS: JSON.stringify(value) }).TRUSTED_ISSUERS;
  assert.deepEqual(read([entry])[0]?.algorithms, ["RS256"]);
  const wrong: [unknown, RegExp][] = [
    [{}, /JSON list/],
    [[{ ...entry, issuer: "a" }], /issuer/],
    [[{ ...entry, kind: "any" }], /kind/],
    [[{ ...entry, algorithms: ["HS256"] }], /algorithms/],
    [[{ ...entry, algorithms: ["none"] }], /algorithms/],
    [[{ ...entry, audience: [] }], /audience/],
    [[{ ...entry, kind: "id-token" }], /clients/],
    [[{ ...entry, role: "admin" }], /role is not known/],
    [[entry, entry], /twice/],
  ];
  for (const [value, sentence] of wrong) assert.throws(() => read(value), sentence);
  assert.throws(() => readConfig({ TRUSTED_ISSUERS: "[" }), /JSON list/);
});
