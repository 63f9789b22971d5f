import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { assertProblem } from "./problem.ts";
import { askNonce, createWallet, enterWith, prove, type Wallet } from "./wallets.ts";

/** What the node answers to an `eth_call`: a result, or bytes as they are. `code` is what stands at every address. */
type Behaviour = { result: string } | { error: unknown } | { raw: string; status?: number } | "silent";

let usher: TestUsher;
let node: Server;
let behaviour: Behaviour;
let code: string;
const chainId = "0x1";
let asked: { method: string; params: [{ to?: string; data?: string }?] }[] = [];

before(async () => {
  node = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(call);
    if (behaviour === "silent") return;
    if ("raw" in behaviour) return response.writeHead(behaviour.status ?? 200).end(behaviour.raw);
    const fixed: Record<string, string> = { eth_chainId: chainId, eth_getCode: code };
    const answer = call.method in fixed ? { result: fixed[call.method] } : behaviour;
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...answer }));
  }).listen(0, "127.0.0.1");
  await once(node, "listening");
  const { port } = node.address() as AddressInfo;
  usher = await startUsher({ CHAIN_RPC_URL: `http://127.0.0.1:${port}`, WALLET_CHAIN_IDS: "1,137" });
});
after(async () => {
  await usher?.stop();
  node?.closeAllConnections();
  node?.close();
});
beforeEach(() => {
  asked = [];
  behaviour = { result: "0x01" };
  code = "0x6080";
});

/** A contract wallet is an address with a signature that no key makes. */
const contractSignature = `0x${"ab".repeat(97)}`;
const undeployed = `0x${"cd".repeat(64)}${"6492".repeat(16)}`;

async function logIn(wallet: Wallet, frontSig: string, more: Record<string, string> = {}) {
  const body = await prove(wallet, await askNonce(usher.send, wallet, more), { frontSig });
  return usher.send("POST", "/auth/nonce", { body });
}

test("while the node is away, or answers nothing of use, it is 503 and not a bad signature", async () => {
  const useless: Behaviour[] = [
    { raw: "", status: 500 }, { raw: "<html>", status: 200 }, { raw: "x".repeat(100_000) }, { raw: "[]" }, { raw: "null" }, { raw: "{}" }, { result: "0x" },
    { error: { code: -32005, message: "limit exceeded" } }, { result: "yes" }, "silent",
  ]; // biome-ignore format: one glance
  for (const one of useless) {
    behaviour = one;
    const answer = await logIn(createWallet(), contractSignature);
    assertProblem(answer, { status: 503, code: "unavailable" }, JSON.stringify(one));
    assert.ok(answer.headers.get("retry-after"));
  }
});

test("a contract wallet gets in when the chain says so, deployed or not, and is out when it says no", async () => {
  const wallet = createWallet();
  const entered = await logIn(wallet, contractSignature);
  assert.equal(entered.status, 200, entered.text);
  const call = asked.find(({ method }) => method === "eth_call")?.params[0];
  assert.equal(call?.to, undefined, "the validator's code is run, nothing is sent");
  assert.ok(call?.data?.includes(wallet.address.slice(2).toLowerCase()) && call.data.includes("ab".repeat(97)));
  assert.equal((await logIn(createWallet(), undeployed)).status, 200);
  for (const no of [
    { result: "0x00" },
    { result: `0x${"0".repeat(64)}` },
    { error: { code: 3, message: "execution reverted" } },
    { error: { code: -32000, message: "execution reverted: no" } },
  ] as Behaviour[]) {
    behaviour = no;
    assertProblem(
      await logIn(wallet, contractSignature),
      { status: 401, code: "invalid-wallet-signature" },
      JSON.stringify(no),
    );
  }
});

test("a node that says yes to everything lets nobody in as a plain account", async () => {
  const [owner, attacker] = [createWallet(), createWallet()];
  const token = await enterWith(usher.send, owner);
  asked = [];
  const offered = await askNonce(usher.send, owner);
  const forged = await prove(attacker, offered, { userAddress: owner.address });
  assertProblem(await usher.send("POST", "/auth/nonce", { body: forged }), {
    status: 401,
    code: "invalid-wallet-signature",
  });
  assert.deepEqual(asked, [], "who came with a key comes with a key");
  assertProblem(await logIn(owner, contractSignature), { status: 401, code: "invalid-wallet-signature" });
  assert.equal((await usher.send("GET", "/auth/me", { token })).status, 200);
  assert.equal((await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, owner) })).status, 200);
});

test("a contract wallet may sign with 65 bytes; where there is no contract, only the key's own signature counts", async () => {
  const contract = createWallet();
  const signature = await createWallet().signMessage({ message: "the owner of a contract signs in its own way" });
  const entered = await logIn(contract, signature);
  assert.equal(entered.status, 200, entered.text);
  assert.deepEqual(asked.map(({ method }) => method).slice(-2), ["eth_getCode", "eth_call"]);
  assert.equal((await logIn(contract, signature)).status, 200, "it is the same contract");
  behaviour = { result: "0x00" };
  assertProblem(await logIn(contract, signature), { status: 401, code: "invalid-wallet-signature" });
  behaviour = { result: "0x01" };
  code = "0x";
  for (const more of [{}, { chainId: "137" }] as Record<string, string>[])
    assertProblem(await logIn(createWallet(), signature, more), { status: 401, code: "invalid-wallet-signature" });
});

test("contract wallets of another chain than the node's are refused", async () => {
  assertProblem(await logIn(createWallet(), contractSignature, { chainId: "137" }), {
    status: 400,
    code: "contract-wallet-not-supported",
  });
});

test("a contract wallet is linked to an account in the same way", async () => {
  const token = await enterWith(usher.send, createWallet());
  const { userId } = (await usher.send("GET", "/auth/me", { token })).body;
  const contract = createWallet();
  const body = await prove(contract, await askNonce(usher.send, contract, { user_id: userId }), {
    frontSig: contractSignature,
  });
  const linked = await usher.send("POST", `/users/${userId}/wallets`, { token, body });
  assert.equal(linked.status, 201, linked.text);
  const entered = await logIn(contract, contractSignature);
  assert.equal((await usher.send("GET", "/auth/me", { token: entered.body.accessToken })).body.userId, userId);
});

test("after all this every invariant holds", () => assertInvariants(usher));
