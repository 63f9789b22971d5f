import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeProtectedHeader } from "jose";
import { password, startUsher, type TestUsher } from "../../../../test/harness.ts";

const email = "root@example.com";
let usher: TestUsher;
let operator: string;
before(async () => {
  usher = await startUsher({ BOOTSTRAP_ADMIN_EMAIL: email, BOOTSTRAP_ADMIN_PASSWORD: password });
  operator = (await usher.logIn(email)).token;
});
after(() => usher.stop());

const publishedKids = async (): Promise<string[]> =>
  (await usher.send("GET", "/oidc/jwks")).body.keys.map(({ kid }: { kid: string }) => kid);
const signer = async () => {
  const person = await usher.createPerson();
  return { token: person.token, kid: decodeProtectedHeader(person.token).kid };
};
const counts = async (token: string) => (await usher.send("GET", "/auth/me", { token })).status === 200;
const rotate = (body?: object) => usher.send("POST", "/system/signing-keys/rotate", { token: operator, body });

test("a key is published before it signs, and stays published while what it signed counts", async () => {
  const first = await signer();
  const made = await rotate();
  assert.equal(made.status, 201, made.text);
  const { kid: next } = made.body;
  assert.deepEqual(await publishedKids(), [first.kid, next]);
  assert.equal((await rotate()).body.kid, next, "one change at a time");
  assert.equal((await signer()).kid, first.kid);
  usher.clock.advanceSeconds(3600);
  await usher.reloadTokenKeys();
  operator = (await usher.logIn(email)).token;
  const late = await signer();
  assert.equal(late.kid, next);
  assert.deepEqual(await publishedKids(), [next, first.kid]);
  usher.clock.advanceSeconds(600);
  assert.ok(await counts(late.token));
  usher.clock.advanceSeconds(3001);
  await usher.reloadTokenKeys();
  assert.deepEqual(await publishedKids(), [next]);
});

test("after a theft the old key counts no more, from the same moment on", async () => {
  operator = (await usher.logIn(email)).token;
  const before_ = await signer();
  assert.ok(await counts(before_.token));
  const made = await rotate({ compromised: true });
  assert.deepEqual(await publishedKids(), [made.body.kid]);
  assert.equal(await counts(before_.token), false);
  const fresh = await signer();
  assert.equal(fresh.kid, made.body.kid);
  assert.ok(await counts(fresh.token));
});
