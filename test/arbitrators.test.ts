import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Answer, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { assertProblem } from "./problem.ts";
import { createWallet, enterWith, type Wallet } from "./wallets.ts";

let usher: TestUsher;
let admin: string;
let reader: string;
before(async () => {
  usher = await startUsher();
  admin = await usher.logInAdmin();
  reader = (await usher.createPerson()).token;
});
after(() => usher.stop());

type Arbitrator = { userId: string; token: string; email: string; wallet: Wallet; firstname: string; lastname: string };
let count = 0;

async function createArbitrator(more: Record<string, unknown> = {}, confirm = true): Promise<Arbitrator> {
  const number = ++count;
  const wallet = createWallet();
  const token = await enterWith(usher.send, wallet);
  const body = {
    firstname: "Paula",
    lastname: `Arbiter ${number}`,
    email: `arbiter${number}@partner.example`,
    accountType: "arbitrator",
    website: "https://a.example",
    ...more,
  };
  const completed = await usher.send("POST", "/users/register", { token, body });
  assert.equal(completed.status, 200, completed.text);
  if (confirm) {
    const confirmed = await usher.send("POST", "/users/confirm", {
      body: { email: body.email, confirmation_code: await usher.newestCode(body.email) },
    });
    assert.equal(confirmed.status, 200, confirmed.text);
  }
  return { ...body, token, wallet, userId: completed.body.userId };
}

const find = (query = "", token: string | undefined = reader) => usher.send("GET", `/arbitrators${query}`, { token });
const idsOf = ({ body }: Answer): string[] => body.arbitrators.map(({ userId }: { userId: string }) => userId);
const verify = (userId: string, verification = "verified", token = admin) =>
  usher.send("PUT", `/users/${userId}/arbitrator/verification`, {
    token,
    body: { verification, reason: "papers seen" },
  });

test("an external arbitrator is found by exact e-mail address or name only; a verified one is listed", async () => {
  const arbitrator = await createArbitrator({ additionalInfo: "Twelve years of trade disputes" });
  const { userId, email } = arbitrator;
  assert.deepEqual(idsOf(await find()), []);
  const byEmail = await find(`?email=${email.toUpperCase()}`);
  assert.deepEqual(byEmail.body.arbitrators, [
    { userId, firstname: "Paula", lastname: "Arbiter 1", country: null, website: "https://a.example", additionalInfo: "Twelve years of trade disputes", walletAddress: arbitrator.wallet.address, verification: "external", verifiedAt: null },
  ]); // biome-ignore format: one glance
  assert.deepEqual(idsOf(await find("?name=paula%20%20arbiter%201")), [userId]);
  for (const partly of [
    "?email=arbiter1",
    "?email=arbiter1@partner.exampl",
    "?email=%25%25%25",
    "?name=paula",
    "?name=arbiter%201",
    "?name=Paula%20Arbiter%25",
    "?name=_____%20Arbiter%201",
  ])
    assert.deepEqual(idsOf(await find(partly)), [], partly);
  assert.equal((await verify(userId)).status, 200);
  assert.deepEqual(idsOf(await find()), [userId]);
  assert.equal((await find()).body.arbitrators[0].verification, "verified");
  assert.equal((await verify(userId, "external")).body.verification, "external");
  assert.deepEqual(idsOf(await find()), []);
});

test("who has not confirmed the address, is no arbitrator any more, or may not act is not offered", async () => {
  const unconfirmed = await createArbitrator({}, false);
  await verify(unconfirmed.userId);
  assert.ok(!idsOf(await find()).includes(unconfirmed.userId));
  assert.deepEqual(idsOf(await find(`?email=${unconfirmed.email}`)), []);
  const { userId, token, firstname, lastname, email } = await createArbitrator();
  await verify(userId);
  const profile = { firstname, lastname, email };
  await usher.send("POST", "/users/register", { token, body: { ...profile, accountType: "standard" } });
  assert.ok(!idsOf(await find()).includes(userId));
  await usher.send("POST", "/users/register", { token, body: { ...profile, accountType: "arbitrator" } });
  assert.ok(idsOf(await find()).includes(userId));
  await usher.send("PUT", `/users/${userId}/status`, { token: admin, body: { status: "blocked", reason: "test" } });
  assert.ok(!idsOf(await find()).includes(userId));
  assert.equal((await usher.send("DELETE", `/users/${userId}`, { token: admin })).status, 200);
  assertProblem(await verify(userId), { status: 404 });
});

test("who changes name or website was not verified as such", async () => {
  for (const change of [{ website: "https://other.example" }, { lastname: "Somebody Else" }]) {
    const { userId, token, firstname, lastname, email } = await createArbitrator();
    await verify(userId);
    await usher.send("POST", "/users/register", { token, body: { firstname, lastname, email, city: "Ghent" } });
    assert.ok(idsOf(await find()).includes(userId));
    const changed = await usher.send("POST", "/users/register", {
      token,
      body: { firstname, lastname, email, ...change },
    });
    assert.equal(changed.status, 200, changed.text);
    assert.ok(!idsOf(await find()).includes(userId));
  }
  const { userId, token } = await createArbitrator();
  await verify(userId);
  await usher.send("PUT", `/users/${userId}`, { token, body: { fname: "Changed" } });
  assert.ok(!idsOf(await find()).includes(userId), "by the other way round as well");
});

test("the list goes page by page, each arbitrator once, and its cursor is the caller's own", async () => {
  const made: Arbitrator[] = [];
  while (made.length < 7) made.push(await createArbitrator());
  for (const { userId } of made) assert.equal((await verify(userId)).status, 200);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer = await find(`?limit=2${cursor ? `&last_evaluated_key=${cursor}` : ""}`);
    seen.push(...idsOf(page));
    cursor = page.body.last_evaluated_key;
    if (cursor)
      assertProblem(await find(`?limit=2&last_evaluated_key=${cursor}`, admin), {
        status: 400,
        field: "last_evaluated_key",
      });
  } while (cursor);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(
    made.filter(({ userId }) => !seen.includes(userId)),
    [],
  );
  assertProblem(await find("?email=a@b.example&last_evaluated_key=x"), { status: 400, field: "last_evaluated_key" });
});

test("only operators verify, never themselves, and only arbitrators", async () => {
  const { userId, token } = await createArbitrator();
  assertProblem(await verify(userId, "verified", token), { status: 403, code: "forbidden" });
  const self = (await usher.send("GET", "/auth/me", { token: admin })).body.userId;
  assertProblem(await verify(self), { status: 403, code: "grant-refused" });
  const person = await usher.createPerson();
  assertProblem(await verify(person.userId), { status: 404, code: "arbitrator-not-found" });
  assertProblem(await find("", ""), { status: 401 });
});

test("an e-mail address is free or not, told the same way in the same time, within a budget", async () => {
  const ask = (email: string) => usher.send("GET", `/auth/check-email-available/${encodeURIComponent(email)}`);
  const { email } = await usher.register();
  assert.deepEqual((await ask("free@example.com")).body, { available: true });
  assert.deepEqual((await ask(` ${email.toUpperCase()}`)).body, {
    available: false,
    errorCode: "email-already-exists",
  });
  for (const bad of ["x", "a@b", "a b@c.example", "a@b_c.example"])
    assertProblem(await ask(bad), { status: 400, field: "email" }, bad);
  const timed = async (address: string) => {
    const started = performance.now();
    await ask(address);
    return performance.now() - started;
  };
  const times = [await timed("free2@example.com"), await timed(email)];
  for (const time of times) assert.ok(time >= 55, `answered after ${time} ms`);
  const many = await Promise.all(Array.from({ length: 40 }, () => ask("probed@example.com")));
  assert.equal(many.filter(({ status }) => status === 200).length, 30);
  assertProblem(many.find(({ status }) => status !== 200) as Answer, { status: 429, code: "too-many-requests" });
});

test("an agreement service finds users by e-mail address, and needs the permission for it", async () => {
  const { email, userId, wallet } = await createArbitrator();
  const lookUp = (address: unknown, token: string) =>
    usher.send("POST", "/users/lookup", { token, body: { email: address } });
  assert.deepEqual((await lookUp(email.toUpperCase(), admin)).body, {
    userId, profileComplete: true, accountType: "arbitrator", walletAddress: wallet.address, emailConfirmed: true,
  }); // biome-ignore format: one glance
  const unconfirmed = await createArbitrator({}, false);
  assert.equal((await lookUp(unconfirmed.email, admin)).body.emailConfirmed, false);
  assertProblem(await lookUp("nobody@example.com", admin), { status: 404, code: "user-not-found" });
  const refused = await lookUp(email, reader);
  assertProblem(refused, { status: 403, code: "forbidden" });
  assert.match(refused.body.detail, /users\.lookup/);
});

test("after all this every invariant holds", () => assertInvariants(usher));
