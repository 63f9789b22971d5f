import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createSiweMessage } from "viem/siwe";
import { dumpDatabase } from "./database-content.ts";
import { startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { assertProblem } from "./problem.ts";
import { askNonce, createWallet, enterWith, logInWith, type Offered, prove } from "./wallets.ts";

let usher: TestUsher;
before(async () => {
  usher = await startUsher({ WALLET_CHAIN_IDS: "1,137" });
});
after(() => usher.stop());

const logIn = (body: unknown) => usher.send("POST", "/auth/nonce", { body });

test("a newcomer with a wallet signs a nonce, is in, completes the profile as arbitrator, and is routed as one", async () => {
  const wallet = createWallet();
  const offered = await askNonce(usher.send, wallet);
  assert.match(offered.nonce, /^[0-9a-f]{32}$/);
  assert.equal(Date.parse(offered.expiresAt) - usher.clock.now().getTime(), 300_000);
  assert.ok(offered.message.includes(`\n${wallet.address}\n`) && offered.message.includes(`Nonce: ${offered.nonce}`));
  const entered = await logIn(await prove(wallet, offered));
  assert.equal(entered.status, 200, entered.text);
  assert.deepEqual(Object.keys(entered.body), ["accessToken", "refreshToken", "tokenType", "expiresIn"]);
  const token = entered.body.accessToken;
  const me = async () => (await usher.send("GET", "/auth/me", { token })).body;
  const { userId, id, ...newcomer } = await me();
  assert.deepEqual(newcomer, {
    firstname: null, lastname: null, email: null, accountType: "standard", walletAddress: wallet.address, profileComplete: false, status: "pending",
  }); // biome-ignore format: one glance
  const completed = await usher.send("POST", "/users/register", {
    token,
    body: {
      firstname: "Paula",
      lastname: "Integrator",
      email: "Ops@Partner.example",
      accountType: "arbitrator",
      website: "https://arbitrators.example",
    },
  });
  assert.equal(completed.status, 200, completed.text);
  assert.deepEqual(completed.body, {
    userId, firstname: "Paula", lastname: "Integrator", email: "ops@partner.example", accountType: "arbitrator", walletAddress: wallet.address, additionalInfo: null,
  }); // biome-ignore format: one glance
  const { accountType, profileComplete, status } = await me();
  assert.deepEqual(
    { accountType, profileComplete, status },
    { accountType: "arbitrator", profileComplete: true, status: "pending" },
  );
  const confirmation_code = await usher.newestCode("ops@partner.example");
  const subjects = usher.sandbox.mailbox
    .list({ to: "ops@partner.example" })
    .map((mail: { subject?: string }) => mail.subject);
  assert.deepEqual(subjects.sort(), ["Your confirmation code", "Your profile is complete"]);
  const confirmed = await usher.send("POST", "/users/confirm", {
    body: { email: "ops@partner.example", confirmation_code },
  });
  assert.equal(confirmed.status, 200, confirmed.text);
  assert.equal((await me()).status, "not_verified");
  assert.equal((await usher.send("GET", `/User/${id}/status`, { token })).body.isEmailVerified, true);
  const again = await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, wallet) });
  assert.equal(again.body.userId, userId, "the same wallet is the same user");
});

test("the address may be written in any case, and is one wallet; a refresh token works like any other", async () => {
  const wallet = createWallet();
  const lower = { ...wallet, address: wallet.address.toLowerCase() as `0x${string}` };
  const first = await logIn(await prove(wallet, await askNonce(usher.send, lower), { userAddress: lower.address }));
  const upper = `0x${wallet.address.slice(2).toUpperCase()}`;
  const second = await logIn(
    await prove(wallet, await askNonce(usher.send, { address: upper }), { userAddress: upper }),
  );
  const users = await Promise.all(
    [first, second].map(({ body }) => usher.send("GET", "/auth/me", { token: body.accessToken })),
  );
  assert.equal(users[0]?.body.userId, users[1]?.body.userId);
  assert.equal(users[0]?.body.walletAddress, wallet.address);
  const refreshed = await usher.send("POST", "/auth/refresh", { body: { refreshToken: first.body.refreshToken } });
  assert.equal(refreshed.status, 200, refreshed.text);
});

test("without the message the ready one counts; a client may write its own, and name another accepted chain", async () => {
  const wallet = createWallet();
  const { message: _, ...ready } = await prove(wallet, await askNonce(usher.send, wallet));
  assert.equal((await logIn(ready)).status, 200);
  const { body } = await usher.send("GET", "/auth/nonce");
  assert.equal(body.message, null);
  const message = ownMessage(wallet.address, body, { chainId: 137, statement: "Come in, we are open" });
  assert.equal((await logIn(await prove(wallet, { ...body, message }))).status, 200);
});

const origin = () => `http://localhost:${new URL(usher.url).port}`;

function ownMessage(address: string, { nonce }: { nonce: string }, more: Record<string, unknown> = {}): string {
  const now = usher.clock.now();
  return createSiweMessage({
    domain: new URL(origin()).host,
    address: address as `0x${string}`,
    uri: origin(),
    version: "1",
    chainId: 1,
    nonce,
    issuedAt: now,
    expirationTime: new Date(now.getTime() + 300_000),
    ...more,
  });
}

test("a message for another place, chain, time, nonce or wallet is refused by name, and the nonce still counts", async () => {
  const wallet = createWallet();
  const offered = await askNonce(usher.send, wallet);
  const minutes = (count: number) => new Date(usher.clock.now().getTime() + count * 60_000);
  const other = createWallet();
  const own = (more: Record<string, unknown> = {}) => ownMessage(wallet.address, offered, more);
  const wrong: Record<string, string> = {
    "another domain": own({ domain: "evil.example" }),
    "our domain as part of another": own().replace(" wants", ".evil.example wants"),
    "another port": own({ domain: "localhost:1" }),
    "a user before the domain": own().replace("localhost", "me@localhost"),
    "another scheme": own({ scheme: "https" }),
    "another URI": own({ uri: "https://evil.example/" }),
    "our URI as part of another": own({ uri: `${origin()}.evil.example` }),
    "another chain": own({ chainId: 5 }),
    "issued long ago": own({ issuedAt: minutes(-6) }),
    "issued in the future": own({ issuedAt: minutes(6) }),
    "no end": own({ expirationTime: undefined }),
    expired: own({ expirationTime: minutes(-1) }),
    "counts for too long": own({ expirationTime: minutes(11) }),
    "does not count yet": own({ notBefore: minutes(1) }),
    "another nonce": ownMessage(wallet.address, { nonce: "0".repeat(32) }),
    "another wallet": ownMessage(other.address, offered),
    "lower-case address": own().replace(wallet.address, wallet.address.toLowerCase()),
    "a Request ID": own({ requestId: "01900000-0000-7000-8000-000000000001" }),
    "line break in the statement": own({ statement: "x" }).replace("\nx\n", "\nx\ny\n"),
    "carriage returns": own().replaceAll("\n", "\r\n"),
    "a line of its own": `${own()}\n`,
    "an expiration that tolerant parsers overlook": own({ expirationTime: undefined }).replace(
      "Nonce: ",
      `Expiration Time: ${minutes(4).toISOString()}\nNonce: `,
    ),
    "no message at all": "hello",
  };
  for (const [name, message] of Object.entries(wrong)) {
    const answer = await logIn(await prove(wallet, { ...offered, message }));
    assertProblem(answer, { status: 400, code: "invalid-wallet-message", field: "message" }, name);
  }
  assert.equal((await logIn(await prove(wallet, offered))).status, 200);
});

test("the Host header changes nothing: domain and URI come from the configured address", async () => {
  const wallet = createWallet();
  const { body } = await usher.send("GET", `/auth/nonce?address=${wallet.address}`, {
    headers: { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
  });
  assert.ok(body.message.startsWith(`${new URL(origin()).host} wants you`));
});

test("a nonce counts once, for one try, five minutes, the wallet it was given for, and only with our signature on it", async () => {
  const wallet = createWallet();
  const attacker = createWallet();
  const refused = async (body: unknown, about: string) =>
    assertProblem(await logIn(body), { status: 401, code: "invalid-nonce" }, about);
  const used = await prove(wallet, await askNonce(usher.send, wallet));
  assert.equal((await logIn(used)).status, 200);
  await refused(used, "used");
  const tried = await askNonce(usher.send, wallet);
  const forged = await prove(attacker, tried, { userAddress: wallet.address });
  assertProblem(await logIn(forged), { status: 401, code: "invalid-wallet-signature" });
  await refused(await prove(wallet, tried), "one try each");
  const foreign = await askNonce(usher.send, wallet);
  await refused(
    await prove(attacker, { ...foreign, message: foreign.message.replace(wallet.address, attacker.address) }),
    "another wallet's",
  );
  const two = await askNonce(usher.send, wallet);
  const three = await askNonce(usher.send, wallet);
  await refused(await prove(wallet, two, { backSig: three.backSig }), "the signature of another nonce");
  const [payload = "", mac = ""] = two.backSig.split(".");
  const later = Buffer.from(
    Buffer.from(payload, "base64url")
      .toString()
      .replace(/\d{13}/, "9999999999999"),
  ).toString("base64url");
  await refused(await prove(wallet, two, { backSig: `${later}.${mac}` }), "an altered time");
  const linking = await askNonce(usher.send, wallet, { user_id: "01900000-0000-7000-8000-000000000001" });
  await refused(await prove(wallet, linking), "one for linking");
  const old = await askNonce(usher.send, wallet);
  usher.clock.advanceSeconds(301);
  await refused(await prove(wallet, old), "too old");
});

test("malformed, foreign and malleated signatures are refused with 400 or 401", async () => {
  const wallet = createWallet();
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const twinOf = (signature: string) => {
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    return `${signature.slice(0, 66)}${s}${signature.endsWith("1b") ? "1c" : "1b"}`;
  };
  const spoil: Record<string, [status: number, code: string, (signature: string) => unknown]> = {
    twin: [401, "invalid-wallet-signature", twinOf],
    "another v": [
      401,
      "invalid-wallet-signature",
      (signature) => `${signature.slice(0, 130)}${signature.endsWith("1b") ? "1c" : "1b"}`,
    ],
    "v of a chain": [401, "invalid-wallet-signature", (signature) => `${signature.slice(0, 130)}25`],
    zeros: [401, "invalid-wallet-signature", () => `0x${"00".repeat(65)}`],
    ones: [401, "invalid-wallet-signature", () => `0x${"ff".repeat(65)}`],
    "a bit": [
      401,
      "invalid-wallet-signature",
      (signature) => `0x${signature[2] === "0" ? "1" : "0"}${signature.slice(3)}`,
    ],
    short: [400, "contract-wallet-not-supported", (signature) => signature.slice(0, -2)],
    long: [400, "contract-wallet-not-supported", (signature) => `${signature}00`],
    "of a wallet to be deployed": [
      400,
      "contract-wallet-not-supported",
      (signature) => `${signature}${"64926492".repeat(8)}`,
    ],
    "half a byte": [400, "invalid-request", (signature) => signature.slice(0, -1)],
    "no hexadecimal": [400, "invalid-request", (signature) => `${signature.slice(0, -2)}zz`],
    "no 0x": [400, "invalid-request", (signature) => signature.slice(2)],
    empty: [400, "invalid-request", () => "0x"],
    huge: [400, "invalid-request", () => `0x${"00".repeat(20_000)}`],
    "a number": [400, "invalid-request", () => 7],
    nothing: [400, "invalid-request", () => null],
  };
  for (const [name, [status, code, change]] of Object.entries(spoil)) {
    const body = await prove(wallet, await askNonce(usher.send, wallet));
    assertProblem(await logIn({ ...body, frontSig: change(body.frontSig) }), { status, code }, name);
  }
});

test("fields of another form, unknown ones and unknown chains are refused naming the field", async () => {
  const wallet = createWallet();
  const body = await prove(wallet, await askNonce(usher.send, wallet));
  const wrong: [field: string, value: unknown][] = [
    ["userAddress", "0x1"], ["userAddress", `${wallet.address}0`], ["userAddress", "vitalik.eth"], ["userAddress", null], ["nonce", "x"], ["nonce", "a".repeat(200)], ["nonce", 5], ["backSig", "x"],
    ["backSig", `${"a".repeat(500)}.${"a".repeat(43)}`], ["message", ""], ["message", "x".repeat(5000)], ["message", 1], ["role", "admin"], ["status", "active"], ["userId", "x"],
  ]; // biome-ignore format: one glance
  for (const [field, value] of wrong)
    assertProblem(await logIn({ ...body, [field]: value }), { status: 400, code: "invalid-request", field }, field);
  for (const field of ["userAddress", "frontSig", "nonce", "backSig"])
    assertProblem(await logIn({ ...body, [field]: undefined }), { status: 400, field }, field);
  for (const [query, field] of [
    ["address=0x12", "address"],
    ["chainId=5", "chainId"],
    ["chainId=-1", "chainId"],
    ["chainId=0x1", "chainId"],
    ["chainId=1.0", "chainId"],
    ["user_id=1", "user_id"],
    ["domain=evil.example", "domain"],
  ] as const)
    assertProblem(await usher.send("GET", `/auth/nonce?${query}`), { status: 400, field }, query);
});

test("a bare nonce counts only where the operator turned it on", async () => {
  const wallet = createWallet();
  const bare = async ({ nonce, backSig }: Offered) => ({
    userAddress: wallet.address,
    nonce,
    backSig,
    frontSig: await wallet.signMessage({ message: nonce }),
  });
  assertProblem(await logIn(await bare(await askNonce(usher.send, wallet))), {
    status: 401,
    code: "invalid-wallet-signature",
  });
  const lenient = await startUsher({ WALLET_BARE_NONCE: "on" });
  try {
    const offered = (await lenient.send("GET", "/auth/nonce")).body;
    assert.equal((await lenient.send("POST", "/auth/nonce", { body: await bare(offered) })).status, 200);
    const withMessage = { ...(await bare(await askNonce(lenient.send, wallet))), message: "x" };
    assertProblem(await lenient.send("POST", "/auth/nonce", { body: withMessage }), {
      status: 400,
      code: "invalid-wallet-message",
    });
    assert.equal((await logInWith(lenient.send, wallet)).status, 200, "the ready message counts as well");
  } finally {
    await lenient.stop();
  }
});

test("an account that may not act does not get in by its wallet, and an erased one's wallet starts anew", async () => {
  const admin = await usher.logInAdmin();
  const wallet = createWallet();
  const token = await enterWith(usher.send, wallet);
  const { userId } = (await usher.send("GET", "/auth/me", { token })).body;
  const block = await usher.send("PUT", `/users/${userId}/status`, {
    token: admin,
    body: { status: "blocked", reason: "test" },
  });
  assert.equal(block.status, 200, block.text);
  assertProblem(await logInWith(usher.send, wallet), { status: 401, code: "account-blocked" });
  assertProblem(await usher.send("GET", "/auth/me", { token }), { status: 401, code: "account-blocked" });
  assert.equal((await usher.send("DELETE", `/users/${userId}`, { token: admin })).status, 200);
  const rest = (await dumpDatabase(usher.ownerUrl)).filter(({ row }) =>
    row.toLowerCase().includes(wallet.address.slice(2).toLowerCase()),
  );
  assert.deepEqual(rest, [], "nothing names the wallet any more");
  const anew = await usher.send("GET", "/auth/me", { token: await enterWith(usher.send, wallet) });
  assert.notEqual(anew.body.userId, userId);
});

test("every wallet's log-in and registration is in the journal, without the address in clear", async () => {
  const wallet = createWallet();
  const token = await enterWith(usher.send, wallet);
  const { userId } = (await usher.send("GET", "/auth/me", { token })).body;
  const { rows } = await sql<{ action: string; canonical: string }>`
    select action, canonical from journal_entries where subject_id = ${userId} order by seq`.execute(usher.db);
  assert.deepEqual(
    rows.map(({ action }) => action),
    ["user.registered", "user.logged-in"],
  );
  assert.ok(rows.every(({ canonical }) => !canonical.toLowerCase().includes(wallet.address.toLowerCase().slice(2))));
});

test("after all this every invariant holds", () => assertInvariants(usher));
