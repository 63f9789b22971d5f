import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import * as oidc from "openid-client";
import { noBrowser, openBrowser } from "../src/sandbox/testing/browser.ts";
import { type Person, password, startUsher, type TestUsher } from "./harness.ts";
import { tally, together } from "./people.ts";
import { assertProblem } from "./problem.ts";
import { codeOf, enrolApp } from "./second-factor-people.ts";

const back = "http://127.0.0.1:9/back";
let usher: TestUsher;
let operator: string;
let app: { client_id: string; client_secret: string };
let client: oidc.Configuration;
before(async () => {
  usher = await startUsher();
  operator = await usher.logInAdmin();
  const body = { name: "Ledger <app>", permissions: ["ekyc.session.list", "ekyc.session.get"], redirect_uris: [back] };
  const made = await usher.send("POST", "/service-accounts", { token: operator, body });
  assert.equal(made.status, 201, made.text);
  app = made.body;
  const server = new URL(usher.url.replace("127.0.0.1", "localhost"));
  client = await oidc.discovery(server, app.client_id, undefined, oidc.ClientSecretBasic(app.client_secret), {
    execute: [oidc.allowInsecureRequests],
  });
});
after(() => usher.stop());

/** A request as openid-client makes it. */
async function ask(scope = "openid ekyc.session.list") {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: back,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const exchange = (location: string) =>
    oidc.authorizationCodeGrant(client, new URL(location), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
  return { url, verifier, exchange };
}

const approve = (url: URL, token: string) =>
  usher.send("POST", "/oidc/auth/approval", { token, body: Object.fromEntries(url.searchParams) });

async function allow(person: Person, scope?: string) {
  const request = await ask(scope);
  const approved = await approve(request.url, person.token);
  assert.equal(approved.status, 200, approved.text);
  return request.exchange(approved.body.redirect_to);
}

test("a person lets an app in on the page, and the app acts for them with its scope", {
  skip: noBrowser,
}, async (t) => {
  const person = await usher.createPerson();
  const browser = await openBrowser(t);
  const tab = await browser.newPage();
  const violations: string[] = [];
  tab.on(
    "console",
    (message) => void (/Content Security Policy/.test(message.text()) && violations.push(message.text())),
  );
  const request = await ask();
  await tab.goto(request.url.href);
  assert.equal(await tab.textContent("h1"), "Ledger <app>");
  assert.match((await tab.textContent("ul")) ?? "", /List users with their eKYC sessions/);
  await tab.fill("[name=email]", person.email);
  await tab.fill("[name=password]", "wrong horse");
  await tab.click("button:not([hidden])");
  await tab.locator("#says").filter({ hasText: "wrong" }).waitFor();
  await tab.fill("[name=password]", password);
  const [sent] = await Promise.all([
    tab.waitForRequest((candidate) => candidate.url().startsWith(back)),
    tab.click("button:not([hidden])"),
  ]);
  const tokens = await request.exchange(sent.url());
  assert.equal(tokens.claims()?.sub, person.userId);
  assert.deepEqual(violations, []);
  const info = await oidc.fetchUserInfo(client, tokens.access_token, person.userId);
  assert.equal(info.email, person.email);
  const renewed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? "");
  assert.equal((await usher.send("GET", "/auth/me", { token: renewed.access_token })).status, 200);
});

/** Fills the page in up to the second factor that it then asks for. */
async function askForFactor(t: TestContext, person: Person) {
  const tab = await (await openBrowser(t)).newPage();
  const request = await ask();
  await tab.goto(request.url.href);
  await tab.fill("[name=email]", person.email);
  await tab.fill("[name=password]", password);
  await tab.click("button:not([hidden])");
  await tab.locator("#factor").waitFor({ state: "visible" });
  const [said, sent] = [tab.locator("#says"), tab.waitForRequest((candidate) => candidate.url().startsWith(back))];
  const finish = async () => (await request.exchange((await sent).url())).claims()?.sub;
  return { tab, said, finish };
}

test("on the page, a code of the app completes the log-in; a wrong one is said, and costs only a new try", {
  skip: noBrowser,
}, async (t) => {
  const person = await enrolApp(usher, await usher.createPerson());
  usher.clock.advanceSeconds(30);
  const { tab, said, finish } = await askForFactor(t, person);
  assert.equal(await tab.locator("#passkey").isVisible(), false);
  const right = codeOf(person.secret, usher.clock.now());
  await tab.fill("[name=code]", String((Number(right) + 1) % 1_000_000).padStart(6, "0"));
  await tab.press("[name=code]", "Enter");
  await said.filter({ hasText: "second factor does not count" }).waitFor();
  await tab.fill("[name=code]", right);
  await tab.press("[name=code]", "Enter");
  assert.equal(await finish(), person.userId);
  const again = await askForFactor(t, person);
  await again.tab.fill("[name=code]", person.recoveryCodes[0]?.toUpperCase() ?? "");
  await again.tab.press("[name=code]", "Enter");
  assert.equal(await again.finish(), person.userId);
});

test("on the page, a passkey completes the log-in", { skip: noBrowser }, async (t) => {
  const person = await usher.createPerson();
  const tab = await (await openBrowser(t)).newPage();
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send("WebAuthn.enable");
  const key = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true } as const;
  const options = { ...key, isUserVerified: true, automaticPresenceSimulation: true };
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  const request = await ask();
  await tab.goto(request.url.href);
  const path = `/users/${person.userId}/sca`;
  const begun = await usher.send("POST", path, { token: person.token, body: { method: "passkey" } });
  const created = await tab.evaluate(
    `navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(begun.body.passkey)}),
    }).then((made) => made.toJSON())`,
  );
  const body = { challenge: begun.body.challenge, passkey: created };
  const enrolled = await usher.send("POST", `${path}/verify`, { token: person.token, body });
  assert.equal(enrolled.status, 200, enrolled.text);
  await tab.fill("[name=email]", person.email);
  await tab.fill("[name=password]", password);
  await tab.click("button:not([hidden])");
  const [sent] = await Promise.all([
    tab.waitForRequest((candidate) => candidate.url().startsWith(back)),
    tab.click("#passkey"),
  ]);
  assert.equal((await request.exchange(sent.url())).claims()?.sub, person.userId);
});

test("an app has no more than its scope, the person's permissions and no power of their type", async () => {
  const person = await usher.createPerson();
  const list = (token: string) => usher.send("GET", "/ekyc/admin", { token });
  const { access_token: token } = await allow(person);
  assertProblem(await list(token), { status: 403 });
  const give = (permissions: string[]) =>
    usher.send("PUT", `/users/${person.userId}/permissions`, {
      token: operator,
      body: { permissions, reason: "test" },
    });
  await give(["ekyc.session.list", "users.status.get"]);
  assert.equal((await list(token)).status, 200);
  const { access_token: bare } = await allow(person, "openid");
  assertProblem(await list(bare), { status: 403 });
  const rights = { role: "admin", type: "internal-admin", reason: "test" };
  assert.equal(
    (await usher.send("PUT", `/users/${person.userId}/role`, { token: operator, body: rights })).status,
    200,
  );
  assertProblem(await usher.send("GET", "/users/list", { token }), { status: 403 });
  assertProblem(await usher.send("GET", "/service-accounts", { token }), { status: 403 });
  const { url } = await ask();
  assertProblem(await approve(url, token), { status: 403, code: "forbidden" });
});

test("a code counts once, for its app, its address and its verifier; a second use ends what the first brought", async () => {
  const person = await usher.createPerson();
  const request = await ask();
  const { redirect_to } = (await approve(request.url, person.token)).body;
  const code = new URL(redirect_to).searchParams.get("code") ?? "";
  const exchange = (changes: Record<string, string> = {}) =>
    usher.send("POST", "/oidc/token", {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      raw: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: back,
        code_verifier: request.verifier,
        client_id: app.client_id,
        client_secret: app.client_secret,
        ...changes,
      }).toString(),
    });
  const wrong: Record<string, string>[] = [
    { code_verifier: "x".repeat(43) },
    { redirect_uri: `${back}/x` },
    { client_secret: "x" },
  ];
  for (const changes of wrong) assert.ok([400, 401].includes((await exchange(changes)).status));
  const answers = await together(16, () => exchange());
  assert.deepEqual(tally(answers), { "200": 1, "400": 15 });
  const won = answers.find(({ status }) => status === 200);
  assertProblem(await usher.send("GET", "/auth/me", { token: won?.body.access_token }), { status: 401 });
});

test("a bad request is told to the app where its address is known, and to the person where it is not", async () => {
  const { url } = await ask();
  const send = (changes: Record<string, string | undefined>) => {
    const changed = new URL(url);
    for (const [name, value] of Object.entries(changes))
      value === undefined ? changed.searchParams.delete(name) : changed.searchParams.set(name, value);
    return usher.send("GET", changed.pathname + changed.search);
  };
  const told: [string, Record<string, string | undefined>][] = [
    ["unsupported_response_type", { response_type: "token" }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { response_mode: "fragment" }],
    ["invalid_scope", { scope: "openid users.status.get" }],
    ["invalid_scope", { scope: "everything" }],
    ["login_required", { prompt: "none" }],
    ["request_not_supported", { request: "x" }],
    ["invalid_target", { resource: "https://other.example" }],
  ];
  for (const [error, changes] of told) {
    const answer = await send(changes);
    assert.equal(answer.status, 303, error);
    const location = new URL(answer.headers.get("location") ?? "");
    assert.equal(location.origin + location.pathname, back);
    assert.equal(location.searchParams.get("error"), error);
    assert.equal(location.searchParams.get("state"), url.searchParams.get("state"));
    assert.equal(location.searchParams.get("iss"), usher.url.replace("127.0.0.1", "localhost"));
  }
  for (const changes of [
    { client_id: "usher" },
    { client_id: "svc-\u0000" },
    { redirect_uri: `${back}?x=1` },
    { redirect_uri: "https://evil.example" },
    { state: "x".repeat(1025) },
  ]) {
    const answer = await send(changes);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("location"), null);
    assert.ok(!answer.text.includes("evil"));
  }
  const page = await send({ state: '"></script><script>alert(1)</script>' });
  assert.equal(page.status, 200);
  assert.ok(!page.text.includes("<script>alert"));
  assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
  assertProblem(await usher.send("POST", "/oidc/auth/approval", { body: {} }), { status: 401 });
});

test("revoking, logging out everywhere and deleting the app end the app's log-ins at once", async () => {
  const person = await usher.createPerson();
  const counts = async (token: string) => (await usher.send("GET", "/auth/me", { token })).status === 200;
  const [revoked, stays] = [(await allow(person)).access_token, (await allow(person)).access_token];
  await oidc.tokenRevocation(client, revoked);
  assert.deepEqual([await counts(revoked), await counts(stays)], [false, true]);
  await usher.send("POST", "/auth/logout", { token: person.token, body: { everywhere: true } });
  assert.equal(await counts(stays), false);
  const again = { ...person, ...(await usher.logIn(person.email)) };
  const { access_token: last, refresh_token: refresh = "" } = await allow(again);
  assert.ok(await counts(last));
  const removed = await usher.send("DELETE", `/service-accounts/${app.client_id}`, { token: operator });
  assert.equal(removed.status, 200);
  assert.equal(await counts(last), false);
  await assert.rejects(oidc.refreshTokenGrant(client, refresh));
  assert.ok(await counts(again.token), "the person's own log-in stays");
});
