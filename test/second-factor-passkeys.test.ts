import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { noBrowser, openBrowser } from "../src/sandbox/testing/browser.ts";
import { createAuthenticator } from "./authenticator.ts";
import { type Answer, type Person, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { beginLogIn, codeOf } from "./second-factor-people.ts";

let usher: TestUsher;
let origin: string;

before(async () => {
  usher = await startUsher();
  origin = `http://localhost:${new URL(usher.url).port}`;
});
after(() => usher.stop());

type Authenticator = ReturnType<typeof createAuthenticator>;

const errorOf = ({ status, body }: Answer) => `${status} ${body?.errorCode}`;
const complete = (body: object) => usher.send("POST", "/auth/login/second-factor", { body });
const begin = async ({ userId, token }: Person) => {
  const begun = await usher.send("POST", `/users/${userId}/sca`, { token, body: { method: "passkey" } });
  assert.equal(begun.status, 201, begun.text);
  return begun.body;
};
const verify = ({ userId, token }: Person, body: object) =>
  usher.send("POST", `/users/${userId}/sca/verify`, { token, body });

async function enrol(person: Person, authenticator: Authenticator = createAuthenticator(origin)) {
  const { passkey, challenge } = await begin(person);
  const verified = await verify(person, { challenge, passkey: authenticator.create(passkey) });
  assert.equal(verified.status, 200, verified.text);
  return { ...person, authenticator, recoveryCodes: verified.body.recovery_codes as string[] };
}

test("a passkey is enrolled and then lets in", async () => {
  const person = await usher.createPerson();
  const { passkey, challenge } = await begin(person);
  assert.equal(passkey.rp.id, "localhost");
  assert.equal(passkey.user.name, person.email);
  assert.equal(passkey.challenge, challenge);
  const { authenticator } = await enrol(person);
  const demand = await beginLogIn(usher, person.email);
  assert.deepEqual(demand.methods, ["passkey", "recovery-code"]);
  assert.deepEqual(
    demand.passkey.allowCredentials.map(({ id }: { id: string }) => id),
    [authenticator.id],
  );
  const answer = await complete({ challenge: demand.challenge, passkey: authenticator.get(demand.passkey) });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(decodeJwt(answer.body.accessToken).amr, ["mfa", "pop"]);
});

test("what is wrong with a new passkey is refused, and nothing of it counts", async () => {
  const lies: Record<string, Parameters<Authenticator["create"]>[1]> = {
    "another site's origin": { origin: "https://usher.evil.example" },
    "another challenge": { challenge: "A".repeat(43) },
    "another site's name": { rpId: "evil.example" },
    "an answer to a log-in": { type: "webauthn.get" },
    "nobody present": { userPresent: false },
    "an unknown attestation": { format: "fido-u2f" },
    "an attestation with certificates": {
      format: "packed",
      statement: new Map<string, unknown>([
        ["alg", -7],
        ["sig", Buffer.alloc(70)],
        ["x5c", [Buffer.alloc(300)]],
      ]),
    },
    "a statement where none belongs": { statement: new Map([["x", "y"]]) },
  };
  for (const [what, lie] of Object.entries(lies)) {
    const person = await usher.createPerson();
    const { passkey, challenge } = await begin(person);
    const answer = await verify(person, { challenge, passkey: createAuthenticator(origin).create(passkey, lie) });
    assert.equal(errorOf(answer), "400 invalid-second-factor", what);
    const { body } = await usher.send("GET", `/users/${person.userId}/sca`, { token: person.token });
    assert.deepEqual(body, { factors: [], recovery_codes_left: 0 }, what);
  }
});

test("what is wrong with a passkey's answer is refused, and the right one still counts", async () => {
  const { email, authenticator } = await enrol(await usher.createPerson());
  const stranger = createAuthenticator(origin);
  const lies: Record<string, Parameters<Authenticator["get"]>[1]> = {
    "another site's origin": { origin: "https://usher.evil.example" },
    "another challenge": { challenge: "A".repeat(43) },
    "another site's name": { rpId: "evil.example" },
    "an answer to an enrolment": { type: "webauthn.create" },
    "nobody present": { userPresent: false },
    "another key": { foreignKey: true },
    "a counter that went back": { count: 0 },
  };
  for (const [what, lie] of Object.entries(lies)) {
    const { challenge, passkey } = await beginLogIn(usher, email);
    const refused = await complete({ challenge, passkey: authenticator.get(passkey, lie) });
    assert.equal(errorOf(refused), "401 second-factor-refused", what);
    const strange = await complete({ challenge, passkey: stranger.get(passkey) });
    assert.equal(errorOf(strange), "401 second-factor-refused", "a passkey that is not theirs");
    const right = await complete({ challenge, passkey: authenticator.get(passkey) });
    assert.equal(right.status, 200, `${what}: ${right.text}`);
  }
});

test("a passkey belongs to one person", async () => {
  const { authenticator } = await enrol(await usher.createPerson());
  const thief = await usher.createPerson();
  const { passkey, challenge } = await begin(thief);
  const answer = await verify(thief, { challenge, passkey: authenticator.create(passkey) });
  assert.equal(errorOf(answer), "400 invalid-second-factor");
});

test("an app and passkeys stand side by side; one of them can be removed with the other's proof", async () => {
  const { send, clock } = usher;
  const person = await enrol(await usher.createPerson());
  const demand = await beginLogIn(usher, person.email);
  const inside = await complete({ challenge: demand.challenge, passkey: person.authenticator.get(demand.passkey) });
  const token = inside.body.accessToken;
  const path = `/users/${person.userId}/sca`;
  const app = (await send("POST", path, { token, body: { method: "totp" } })).body;
  const code = () => codeOf(app.secret, clock.now());
  assert.equal((await verify({ ...person, token }, { challenge: app.challenge, code: code() })).status, 200);
  assert.deepEqual((await beginLogIn(usher, person.email)).methods, ["passkey", "totp", "recovery-code"]);
  const { factors } = (await send("GET", path, { token })).body;
  const { challenge } = (await send("POST", `${path}/challenge`, { token })).body;
  clock.advanceSeconds(30);
  const factor_id = factors.find(({ method }: { method: string }) => method === "passkey").factor_id;
  const removed = await send("DELETE", path, { token, body: { challenge, code: code(), factor_id } });
  assert.equal(removed.status, 200, removed.text);
  assert.deepEqual((await beginLogIn(usher, person.email)).methods, ["totp", "recovery-code"]);
  assert.equal((await send("GET", `/User/${person.id}/status`, { token })).body.isScaVerified, true);
});

test("garbage in place of a passkey is 400, never a failure of the server", async () => {
  const person = await usher.createPerson();
  const { passkey, challenge } = await begin(person);
  const good = createAuthenticator(origin).create(passkey);
  const bad = [
    { ...good, id: "other" },
    { ...good, response: { ...good.response, clientDataJSON: "e30" } },
    { ...good, response: { ...good.response, clientDataJSON: "AAAA" } },
    { ...good, response: { ...good.response, attestationObject: "AAAA" } },
    { ...good, response: { ...good.response, attestationObject: "oA" } },
    { ...good, response: { ...good.response, attestationObject: "n5_f" } },
    { ...good, response: { ...good.response, attestationObject: good.response.attestationObject.slice(0, 90) } },
    { ...good, response: {} },
    { ...good, extra: 1 },
  ];
  for (const [index, given] of bad.entries()) {
    // A wrong try ends the challenge's turn after five; each gets a fresh one.
    const { challenge: fresh } = index % 4 === 0 ? await begin(person) : { challenge };
    const answer = await verify(person, { challenge: fresh, passkey: given });
    assert.ok([400, 429].includes(answer.status), `${index}: ${answer.text}`);
  }
});

/** As a page of ours would do it. */
const inPage = (method: "create" | "get", parse: string, options: unknown) => `(async () => {
  const publicKey = PublicKeyCredential.${parse}(${JSON.stringify(options)});
  return (await navigator.credentials.${method}({ publicKey })).toJSON();
})()`;

test("a real browser's passkey works: Chromium with a virtual authenticator", { skip: noBrowser }, async (t) => {
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  await page.goto(`${origin}/docs/`);
  const person = await usher.createPerson();
  const begun = await begin(person);
  const made = await page.evaluate(inPage("create", "parseCreationOptionsFromJSON", begun.passkey));
  const verified = await verify(person, { challenge: begun.challenge, passkey: made });
  assert.equal(verified.status, 200, verified.text);
  const demand = await beginLogIn(usher, person.email);
  const used = await page.evaluate(inPage("get", "parseRequestOptionsFromJSON", demand.passkey));
  const answer = await complete({ challenge: demand.challenge, passkey: used });
  assert.equal(answer.status, 200, answer.text);
});

test("every invariant holds", async () => {
  await usher.jobs.drain();
  await usher.sealer.sealNow();
  await assertInvariants(usher);
});
