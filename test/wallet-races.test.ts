import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type Answer, startUsher, type TestUsher } from "./harness.ts";
import { assertInvariants } from "./invariants.ts";
import { tally, together } from "./people.ts";
import { askNonce, createWallet, logInWith, type Offered, prove } from "./wallets.ts";

/** Two processes' worth of Usher on one database, with one master key and one address, as behind a load balancer. */
let database: TestDatabase;
let ushers: [TestUsher, TestUsher];
const environment = {
  MASTER_KEY: randomBytes(32).toString("base64"),
  PUBLIC_URL: "http://usher.test",
  DATABASE_POOL_SIZE: "32",
};
const start = () => startUsher(environment, { database });
before(async () => {
  database = await createTestDatabase();
  ushers = [await start(), await start()];
});
after(async () => {
  for (const usher of ushers ?? []) await usher.stop();
  await database?.drop();
});

const contenders = 64;

test("of 64 uses of one signed nonce at two processes, one gets in", async () => {
  for (let round = 0; round < 3; round += 1) {
    const wallet = createWallet();
    const body = await prove(wallet, await askNonce(ushers[0].send, wallet));
    const tries = await together(contenders, (index) =>
      (ushers[index % 2] as TestUsher).send("POST", "/auth/nonce", { body }),
    );
    assert.deepEqual(tally(tries), { 200: 1, "401 invalid-nonce": contenders - 1 });
  }
});

test("a nonce of one process counts at the other, also after a restart, and a used one stays used", async () => {
  const wallet = createWallet();
  const [used, fresh] = [await askNonce(ushers[0].send, wallet), await askNonce(ushers[0].send, wallet)];
  const send = async (usher: TestUsher, offered: Offered): Promise<Answer> =>
    usher.send("POST", "/auth/nonce", { body: await prove(wallet, offered) });
  assert.equal((await send(ushers[1], used)).status, 200);
  await ushers[1].stop();
  ushers[1] = await start();
  assert.deepEqual(tally([await send(ushers[1], used), await send(ushers[1], fresh)]), {
    "401 invalid-nonce": 1,
    200: 1,
  });
  assert.deepEqual(tally([await send(ushers[0], used), await send(ushers[0], fresh)]), { "401 invalid-nonce": 2 });
});

test("64 first log-ins of one wallet at two processes all get in, as one user", async () => {
  const wallet = createWallet();
  const tries = await together(contenders, (index) => logInWith((ushers[index % 2] as TestUsher).send, wallet));
  assert.deepEqual(tally(tries), { 200: contenders });
  const { rows } = await sql<{ users: number; registrations: number }>`
    select (select count(*)::int from identities where subject = ${wallet.address.toLowerCase()}) as users,
      (select count(*)::int from journal_entries where action = 'user.logged-in' and subject_id in
        (select user_id::text from identities where subject = ${wallet.address.toLowerCase()})) as registrations`.execute(
    database.db,
  );
  assert.deepEqual(rows, [{ users: 1, registrations: contenders }]);
});

test("after all these races every invariant holds", () => assertInvariants({ db: database.db }));
