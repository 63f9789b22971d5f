import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { tally, together } from "./people.ts";
import { assertProblem } from "./problem.ts";
import { askNonce, createWallet, enterWith, logInWith, prove, type Wallet } from "./wallets.ts";

let usher: TestUsher;
before(async () => {
  usher = await startUsher();
});
after(() => usher.stop());

type Owner = { userId: string; token: string };

async function newcomer(wallet: Wallet): Promise<Owner> {
  const token = await enterWith(usher.send, wallet);
  return { token, userId: (await usher.send("GET", "/auth/me", { token })).body.userId };
}

async function link({ userId, token }: Owner, wallet: Wallet) {
  const body = await prove(wallet, await askNonce(usher.send, wallet, { user_id: userId }));
  return usher.send("POST", `/users/${userId}/wallets`, { token, body });
}

const list = async ({ userId, token }: Owner) => {
  const { wallets } = (await usher.send("GET", `/users/${userId}/wallets`, { token })).body;
  return wallets.map(
    ({ address, primary }: { address: string; primary: boolean }) => `${address}${primary ? " primary" : ""}`,
  );
};
const unlink = ({ userId, token }: Owner, address: string) =>
  usher.send("DELETE", `/users/${userId}/wallets/${address}`, { token });
const choose = ({ userId, token }: Owner, address: string) =>
  usher.send("PUT", `/users/${userId}/wallets/${address}/primary`, { token });

test("wallets are linked with proof, made primary, and unlinked; each of them logs in to the one account", async () => {
  const [one, two] = [createWallet(), createWallet()];
  const owner = await newcomer(one);
  const linked = await link(owner, two);
  assert.equal(linked.status, 201, linked.text);
  assert.deepEqual(await list(owner), [`${one.address} primary`, two.address]);
  const entered = await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, two) });
  assert.deepEqual([entered.body.userId, entered.body.walletAddress], [owner.userId, one.address]);
  assert.equal((await choose(owner, two.address.toLowerCase())).status, 200);
  assert.deepEqual(await list(owner), [`${two.address} primary`, one.address]);
  assert.equal((await unlink(owner, `0x${two.address.slice(2).toUpperCase()}`)).status, 200);
  assert.deepEqual(await list(owner), [`${one.address} primary`]);
  assert.equal((await usher.send("GET", "/auth/me", { token: owner.token })).status, 200, "the own log-in goes on");
  assertProblem(await unlink(owner, one.address), { status: 409, code: "last-way-in" });
  assertProblem(await unlink(owner, two.address), { status: 404, code: "wallet-not-found" });
  assertProblem(await choose(owner, two.address), { status: 404, code: "wallet-not-found" });
  assert.notEqual(
    (await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, two) })).body.userId,
    owner.userId,
  );
});

test("unlinking a wallet ends the log-ins elsewhere: whoever stole it is out", async () => {
  const [one, two] = [createWallet(), createWallet()];
  const owner = await newcomer(one);
  assert.equal((await link(owner, two)).status, 201);
  const thief = await enterWith(usher.send, two);
  assert.equal((await unlink(owner, two.address)).status, 200);
  assertProblem(await usher.send("GET", "/auth/me", { token: thief }), { status: 401, code: "unauthenticated" });
});

test("with a password the last wallet may go; its owner is told by mail when one comes", async () => {
  const person = await usher.createPerson();
  const wallet = createWallet();
  assert.equal((await link(person, wallet)).status, 201);
  await usher.jobs.drain();
  assert.ok(
    usher.sandbox.mailbox
      .list({ to: person.email })
      .some((mail: { subject?: string }) => /wallet was linked/.test(mail.subject ?? "")),
  );
  const entered = await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, wallet) });
  assert.equal(entered.body.userId, person.userId);
  assert.equal((await unlink(person, wallet.address)).status, 200);
  assert.deepEqual(await list(person), []);
});

test("a wallet has one owner: neither a second link nor a link of another's wallet is taken", async () => {
  const wallet = createWallet();
  const owner = await newcomer(wallet);
  assertProblem(await link(owner, wallet), { status: 409, code: "wallet-already-linked" });
  const other = await newcomer(createWallet());
  assertProblem(await link(other, wallet), { status: 409, code: "wallet-already-linked" });
});

test("a nonce for a log-in or for another account does not link, nor does a message that does not say so", async () => {
  const owner = await newcomer(createWallet());
  const other = await newcomer(createWallet());
  const wallet = createWallet();
  const send = (body: unknown) => usher.send("POST", `/users/${owner.userId}/wallets`, { token: owner.token, body });
  const forLogIn = await prove(wallet, await askNonce(usher.send, wallet));
  assertProblem(await send(forLogIn), { status: 401, code: "invalid-nonce" });
  const forOther = await prove(wallet, await askNonce(usher.send, wallet, { user_id: other.userId }));
  assertProblem(await send(forOther), { status: 401, code: "invalid-nonce" });
  const offered = await askNonce(usher.send, wallet, { user_id: owner.userId });
  assert.match(offered.message, new RegExp(`\nLink this wallet [^\n]+\n.*\nRequest ID: ${owner.userId}$`, "s"));
  for (const message of [
    offered.message.replace(/Link this wallet[^\n]+/, "Claim your prize"),
    offered.message.replace(owner.userId, other.userId),
    offered.message.replace(/\nRequest ID: .*/, ""),
  ])
    assertProblem(await send(await prove(wallet, { ...offered, message })), {
      status: 400,
      code: "invalid-wallet-message",
    });
  assert.equal((await send(await prove(wallet, offered))).status, 201);
});

test("wallets of others are neither seen nor touched", async () => {
  const owner = await newcomer(createWallet());
  const stranger = await newcomer(createWallet());
  const wallet = createWallet();
  const foreign = { userId: owner.userId, token: stranger.token };
  for (const answer of [
    await usher.send("GET", `/users/${owner.userId}/wallets`, { token: stranger.token }),
    await link(foreign, wallet),
    await unlink(foreign, wallet.address),
    await choose(foreign, wallet.address),
  ])
    assertProblem(answer, { status: 403, code: "forbidden" });
});

test("of two wallets unlinked at once, from 64 sides, one stays; an account has at most 20", async () => {
  const [one, two] = [createWallet(), createWallet()];
  const owner = await newcomer(one);
  await link(owner, two);
  const tries = await together(64, (index) => unlink(owner, (index % 2 ? one : two).address));
  assert.equal(tally(tries)["200"], 1);
  assert.equal((await list(owner)).length, 1);
  const full = await newcomer(createWallet());
  const many = await Promise.all(Array.from({ length: 24 }, () => link(full, createWallet())));
  assert.deepEqual(tally(many), { 201: 19, "409 too-many-wallets": 5 });
});

test("of 64 accounts that link one wallet at once, one has it", async () => {
  const owners = await Promise.all(Array.from({ length: 8 }, () => newcomer(createWallet())));
  const wallet = createWallet();
  const tries = await together(64, (index) => link(owners[index % 8] as Owner, wallet));
  assert.deepEqual(tally(tries), { 201: 1, "409 wallet-already-linked": 63 });
  assert.equal((await logInWith(usher.send, wallet)).status, 200);
});

test("after all this every invariant holds", () => assertInvariants(usher));
