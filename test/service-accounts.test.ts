import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base64url, decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import * as oidc from "openid-client";
import { getServiceToken, startUsher, type TestUsher } from "./harness.ts";
import { tally, together } from "./people.ts";
import { assertProblem } from "./problem.ts";

let usher: TestUsher;
let operator: string;
before(async () => {
  usher = await startUsher();
  operator = await usher.logInAdmin();
});
after(() => usher.stop());

type Account = { client_id: string; client_secret: string; permissions: string[] };

async function createAccount(permissions: string[], more: Record<string, unknown> = {}): Promise<Account> {
  const answer = await usher.send("POST", "/service-accounts", {
    token: operator,
    body: { name: "Backend", permissions, ...more },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

const tokenOf = async (account: Account, more: Record<string, string> = {}): Promise<string> => {
  const { status, body, text } = await getServiceToken(usher.send, account, more);
  assert.equal(status, 200, text);
  return body.access_token;
};

const listAll = (token: string) => usher.send("GET", "/ekyc/admin", { token });

/** A request to an endpoint of the authorization server, as a client. */
const ask = (path: string, fields: Record<string, string>) =>
  usher.send("POST", path, {
    raw: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

const credentialsOf = ({ client_id, client_secret }: Account) => ({ client_id, client_secret });

test("a service finds everything by discovery and lists eKYC sessions, as openid-client would", async () => {
  const account = await createAccount(["ekyc.session.list"]);
  assert.match(account.client_secret, /^[\w-]{43}$/);
  const server = new URL(usher.url.replace("127.0.0.1", "localhost"));
  for (const auth of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
    const client = await oidc.discovery(server, account.client_id, undefined, auth(account.client_secret), {
      execute: [oidc.allowInsecureRequests],
    });
    const granted = await oidc.clientCredentialsGrant(client);
    assert.deepEqual([granted.token_type, granted.expires_in], ["bearer", 900]);
    const url = new URL("/ekyc/admin?limit=10&start=0", server);
    const answer = await oidc.fetchProtectedResource(client, granted.access_token, url, "GET");
    assert.deepEqual([answer.status, await answer.json()], [200, []]);
    const seen = await oidc.tokenIntrospection(client, granted.access_token);
    assert.deepEqual([seen.active, seen.client_id, seen.scope], [true, account.client_id, "ekyc.session.list"]);
    await oidc.tokenRevocation(client, granted.access_token);
    assert.equal((await oidc.tokenIntrospection(client, granted.access_token)).active, false);
    assertProblem(await listAll(granted.access_token), { status: 401, code: "unauthenticated" });
  }
});

test("a service with a key of its own proves itself by a signed assertion, which counts once", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const account = await createAccount(["ekyc.session.list"], { public_key: await exportJWK(publicKey) });
  assert.equal(account.client_secret, null);
  const server = new URL(usher.url.replace("127.0.0.1", "localhost"));
  const client = await oidc.discovery(server, account.client_id, undefined, oidc.PrivateKeyJwt(privateKey), {
    execute: [oidc.allowInsecureRequests],
  });
  const { access_token } = await oidc.clientCredentialsGrant(client);
  assert.equal((await listAll(access_token)).status, 200);
  const assert_ = (lifeSeconds: number, jti: string) =>
    new SignJWT({ jti })
      .setProtectedHeader({ alg: "ES256" })
      .setIssuer(account.client_id)
      .setSubject(account.client_id)
      .setAudience(server.origin)
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
      .sign(privateKey);
  const send = (client_assertion: string) =>
    ask("/oidc/token", {
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion,
    });
  const assertion = await assert_(60, "once");
  assert.deepEqual(tally(await together(16, () => send(assertion))), { "200": 1, "401": 15 });
  assert.equal((await send(await assert_(7200, "too long"))).body.error, "invalid_client");
  assert.equal((await send(await assert_(-60, "expired"))).body.error, "invalid_client");
});

test("a private key, a short or a broken one is no public key", async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const weak = await exportJWK(
    (await crypto.subtle
      .generateKey(
        { name: "RSASSA-PKCS1-v1_5", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
        true,
        ["sign", "verify"],
      )
      .then((pair) => pair.publicKey)) as never,
  );
  const { key_ops: _ops, ext: _ext, ...weakKey } = weak;
  for (const [public_key, field] of [
    [await exportJWK(privateKey), "public_key.d"],
    [weakKey, "public_key"],
    [{ kty: "EC", crv: "P-256", x: "AA" }, "public_key"],
    [{ kty: "oct", k: "AA" }, "public_key.kty"],
  ] as const) {
    const body = { name: "Backend", permissions: [], public_key };
    const answer = await usher.send("POST", "/service-accounts", { token: operator, body });
    assertProblem(answer, { status: 400, code: "invalid-request" });
    assert.ok(field in answer.body.errors, JSON.stringify(answer.body.errors));
  }
});

test("the secret is shown once and rests nowhere in clear", async () => {
  const account = await createAccount(["users.status.get"]);
  const listed = await usher.send("GET", "/service-accounts?limit=100", { token: operator });
  assert.ok(listed.text.includes(account.client_id) && !listed.text.includes(account.client_secret));
  const { rows } = await usher.db.executeQuery<{ line: string }>({
    sql: "select s::text as line from service_accounts s union all select i::text from idempotency_keys i union all select j::text from journal_entries j",
    parameters: [],
    query: { kind: "RawNode" } as never,
    queryId: { queryId: "secret" } as never,
  });
  const text = rows.map(({ line }) => line).join("\n");
  assert.ok(text.includes(account.client_id));
  assert.ok(!text.includes(account.client_secret));
});

test("a repeat with the same Idempotency-Key gets the same secret and makes no second account", async () => {
  const headers = { "idempotency-key": "account-1" };
  const body = { name: "Once", permissions: [] };
  const answers = await together(8, () => usher.send("POST", "/service-accounts", { token: operator, body, headers }));
  assert.deepEqual(tally(answers), { "201": 8 });
  assert.equal(new Set(answers.map((answer) => answer.body.client_secret)).size, 1);
});

test("a 403 names the permission that is missing", async () => {
  const token = await tokenOf(await createAccount(["ekyc.session.get"]));
  const answer = await listAll(token);
  assertProblem(answer, { status: 403, code: "forbidden" });
  assert.match(answer.body.detail, /permission ekyc\.session\.list/);
});

test("a permission counts when it is held now and within the token's scope; a token without scope carries all", async () => {
  const account = await createAccount(["ekyc.session.list", "ekyc.session.get"]);
  const all = await tokenOf(account);
  const narrow = await tokenOf(account, { scope: "ekyc.session.get" });
  assert.equal(decodeJwt(narrow).scope, "ekyc.session.get");
  assert.equal(decodeJwt(all).scope, undefined);
  assert.deepEqual([(await listAll(all)).status, (await listAll(narrow)).status], [200, 403]);
  for (const scope of ["ekyc.session.create", "unknown", "ekyc.session.get unknown"]) {
    const { status, body } = await getServiceToken(usher.send, account, { scope });
    assert.deepEqual([status, body.error], [400, "invalid_scope"], scope);
  }
  const change = (permissions: string[]) =>
    usher.send("PUT", `/service-accounts/${account.client_id}`, { token: operator, body: { permissions } });
  assert.equal((await change(["ekyc.session.get"])).status, 200);
  assert.equal((await listAll(all)).status, 403, "taken away: the next request knows");
  assert.equal((await change(["ekyc.session.list"])).status, 200);
  assert.deepEqual([(await listAll(all)).status, (await listAll(narrow)).status], [200, 403]);
});

test("rotation ends the old secret and its tokens; of 16 at once exactly one secret stands", async () => {
  const account = await createAccount(["ekyc.session.list"]);
  const token = await tokenOf(account);
  const rotate = () => usher.send("POST", `/service-accounts/${account.client_id}/rotate`, { token: operator });
  const answers = await together(16, rotate);
  assert.deepEqual(tally(answers), { "201": 16 });
  assertProblem(await listAll(token), { status: 401, code: "unauthenticated" });
  const secrets = [account, ...answers.map((answer) => answer.body as Account)];
  const tries = await Promise.all(secrets.map((candidate) => getServiceToken(usher.send, candidate)));
  assert.deepEqual(tally(tries), { "401": 16, "200": 1 });
  const [good] = tries.filter(({ status }) => status === 200);
  assert.equal((await listAll(good?.body.access_token)).status, 200);
});

test("deletion ends secret and tokens at once, also while tokens are being asked for", async () => {
  const account = await createAccount(["ekyc.session.list"]);
  const remove = () => usher.send("DELETE", `/service-accounts/${account.client_id}`, { token: operator });
  const [answers, removed] = await Promise.all([
    together(32, () => getServiceToken(usher.send, account)),
    together(4, remove),
  ]);
  assert.deepEqual(tally(removed), { "200": 1, "404 service-account-not-found": 3 });
  for (const answer of answers) {
    assert.ok([200, 401].includes(answer.status), answer.text);
    if (answer.status === 200)
      assertProblem(await listAll(answer.body.access_token), { status: 401, code: "unauthenticated" });
  }
  assert.equal((await getServiceToken(usher.send, account)).body.error, "invalid_client");
});

test("what operators do with service accounts stands in the journal", async () => {
  const account = await createAccount(["ekyc.session.list"]);
  await usher.send("POST", `/service-accounts/${account.client_id}/rotate`, { token: operator });
  await usher.send("DELETE", `/service-accounts/${account.client_id}`, { token: operator });
  const entries = await usher.db
    .selectFrom("journal_entries")
    .select("action")
    .where("subject_id", "=", account.client_id)
    .orderBy("seq")
    .execute();
  assert.deepEqual(
    entries.map(({ action }) => action),
    ["service-account.created", "service-account.rotated", "service-account.deleted"],
  );
});

test("a person holds permissions too, given by the ladder and taken at once", async () => {
  const person = await usher.createPerson();
  const path = `/users/${person.userId}/permissions`;
  const body = { permissions: ["ekyc.session.list"], reason: "support desk" };
  assert.equal((await listAll(person.token)).status, 403);
  assertProblem(await usher.send("PUT", path, { token: person.token, body }), { status: 403, code: "forbidden" });
  assert.deepEqual((await usher.send("PUT", path, { token: operator, body })).body.permissions, body.permissions);
  assert.equal((await listAll(person.token)).status, 200);
  const unknown = { ...body, permissions: ["ekyc.session.all"] };
  assertProblem(await usher.send("PUT", path, { token: operator, body: unknown }), { status: 400 });
  assert.equal((await usher.send("PUT", path, { token: operator, body: { ...body, permissions: [] } })).status, 200);
  assert.equal((await listAll(person.token)).status, 403);
  const me = (await usher.send("GET", "/auth/me", { token: operator })).body;
  const own = await usher.send("PUT", `/users/${me.userId}/permissions`, { token: operator, body });
  assertProblem(own, { status: 403, code: "grant-refused" });
});

test("introspection tells of others' tokens with a permission only, and of none that counts no more", async () => {
  const gateway = await createAccount(["tokens.introspect"]);
  const curious = await createAccount(["ekyc.session.list"]);
  const person = await usher.createPerson();
  const look = async (account: Account, token: string) =>
    (await ask("/oidc/introspection", { ...credentialsOf(account), token })).body;
  const seen = await look(gateway, person.token);
  assert.deepEqual([seen.active, seen.sub, seen.client_id, seen.scope], [true, person.userId, "usher", ""]);
  assert.deepEqual(await look(curious, person.token), { active: false });
  for (const token of ["none", `${person.token.slice(0, -4)}AAAA`, "e30.e30.e30"])
    assert.deepEqual(await look(gateway, token), { active: false });
  const stranger = await ask("/oidc/introspection", { client_id: gateway.client_id, client_secret: "no", token: "x" });
  assert.deepEqual([stranger.status, stranger.body.error], [401, "invalid_client"]);
  await usher.send("POST", "/auth/logout", { token: person.token });
  assert.deepEqual(await look(gateway, person.token), { active: false });
});

test("revocation ends what is one's own: a service its token, an app the person's log-in", async () => {
  const [mine, other] = [await createAccount(["ekyc.session.list"]), await createAccount([])];
  const token = await tokenOf(mine);
  const refused = await ask("/oidc/revocation", { ...credentialsOf(other), token });
  assert.deepEqual([refused.status, refused.body.error], [400, "invalid_request"]);
  assert.equal((await listAll(token)).status, 200);
  assert.equal((await ask("/oidc/revocation", { ...credentialsOf(mine), token })).status, 200);
  assert.equal((await listAll(token)).status, 401);
  assert.equal((await listAll(await tokenOf(mine))).status, 200, "the account's next token counts");
  for (const which of ["token", "refreshToken"] as const) {
    const person = await usher.createPerson();
    const foreign = await ask("/oidc/revocation", { ...credentialsOf(other), token: person[which] });
    assert.equal(foreign.body.error, "invalid_request", which);
    assert.equal((await ask("/oidc/revocation", { client_id: "usher", token: person[which] })).status, 200);
    assertProblem(await usher.send("GET", "/auth/me", { token: person.token }), { status: 401 });
    const body = { refreshToken: person.refreshToken };
    assertProblem(await usher.send("POST", "/auth/refresh", { body }), { status: 401, code: "invalid-refresh-token" });
  }
  assert.equal((await ask("/oidc/revocation", { ...credentialsOf(mine), token: "none" })).status, 200);
});

test("userinfo tells a person who they are, and a service that it is nobody", async () => {
  const person = await usher.createPerson();
  for (const method of ["GET", "POST"]) {
    const { status, body } = await usher.send(method, "/oidc/userinfo", { token: person.token });
    assert.equal(status, 200);
    const { updated_at, ...claims } = body;
    assert.deepEqual(claims, {
      sub: person.userId,
      name: "Ada Okafor",
      given_name: "Ada",
      family_name: "Okafor",
      email: person.email,
      email_verified: true,
    });
    assert.ok(Number.isInteger(updated_at));
  }
  const service = await tokenOf(await createAccount(["ekyc.session.list"]));
  assertProblem(await usher.send("GET", "/oidc/userinfo", { token: service }), { status: 403 });
  assert.match((await usher.send("GET", "/oidc/userinfo")).headers.get("www-authenticate") ?? "", /^Bearer/);
});

test("wrong secrets, methods and resources are refused in OAuth's form, and never with 500", async () => {
  const account = await createAccount(["ekyc.session.list"]);
  const basic = (text: string) => ({ authorization: `Basic ${text}` });
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const grant = "grant_type=client_credentials";
  const secret = Buffer.from(`${account.client_id}:wrong`).toString("base64");
  const asked: [number, string, Parameters<TestUsher["send"]>[2]][] = [
    [401, "invalid_client", { raw: grant, headers: { ...form, ...basic(secret) } }],
    [400, "invalid_request", { raw: grant, headers: { ...form, ...basic("%%%") } }],
    [400, "invalid_request", { raw: grant, headers: form }],
    [401, "invalid_client", { raw: `${grant}&client_id=${account.client_id}`, headers: form }],
    [401, "invalid_client", { raw: `${grant}&client_id=svc-%00&client_secret=x`, headers: form }],
    [401, "invalid_client", { raw: `${grant}&client_id=usher&client_secret=x`, headers: form }],
    [400, "invalid_request", { raw: `${grant}&client_id=usher`, headers: form }],
  ];
  for (const [status, error, options] of asked) {
    const answer = await usher.send("POST", "/oidc/token", options);
    assert.deepEqual([answer.status, answer.body?.error], [status, error], answer.text);
  }
  const resource = await getServiceToken(usher.send, account, { resource: "https://other.example" });
  assert.deepEqual([resource.status, resource.body.error], [400, "invalid_target"]);
  const refresh = await ask("/oidc/token", {
    ...credentialsOf(account),
    grant_type: "refresh_token",
    refresh_token: "x",
  });
  assert.equal(refresh.status, 400);
});

test("a service's token cannot be turned into a person's, nor into another's", async () => {
  const token = await tokenOf(await createAccount(["ekyc.session.list"]));
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const person = await usher.createPerson();
  for (const change of [{ sub: person.userId }, { client_id: "usher" }, { credential: 0 }, { scope: "openid" }]) {
    const forged = `${header}.${base64url.encode(JSON.stringify({ ...claims, ...change }))}.${signature}`;
    assertProblem(await listAll(forged), { status: 401, code: "unauthenticated" });
  }
  assertProblem(await usher.send("GET", "/auth/me", { token }), { status: 403, code: "forbidden" });
});
