import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { Transaction } from "kysely";
import type { Database } from "../../../foundation/database/index.ts";
import { startIdentity } from "../identity-for-tests.ts";
import {
  insertSecondFactor,
  replaceRecoveryCodes,
  takeCount,
  takeRecoveryCode,
  takeStep,
} from "./second-factors.queries.ts";

const contenders = 64;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let userId: string;

before(async () => {
  identity = await startIdentity();
  userId = (await identity.register("ada@example.com")).user_id;
});
after(() => identity.stop());

const now = new Date("2026-03-01T12:00:00.000Z");
const inTransaction = <Result>(work: (trx: Transaction<Database>) => Promise<Result>) =>
  identity.deps.db.transaction().execute(work);
/** How many of 64 transactions at once got true. */
const winners = async (take: (trx: Transaction<Database>) => Promise<boolean>) =>
  (await Promise.all(Array.from({ length: contenders }, () => inTransaction(take)))).filter(Boolean).length;

test("of 64 who bring the code of one time step, one has it taken; earlier ones are not taken after it", async () => {
  const factorId = randomUUID();
  const row = { factor_id: factorId, user_id: userId, created_at: now, activated_at: now };
  await inTransaction((trx) => insertSecondFactor(trx, { ...row, method: "totp", secret_sealed: "sealed" }));
  const take = (step: number) => winners((trx) => takeStep(trx, { factorId, step, now }));
  assert.deepEqual([await take(100), await take(101), await take(100), await take(101)], [1, 1, 0, 0]);
});

test("of 64 who bring one count of a passkey, one has it taken; without a counter 0 is always taken", async () => {
  const keep = async (signCount: number) => {
    const factorId = randomUUID();
    const row = { factor_id: factorId, user_id: userId, created_at: now, activated_at: now };
    const passkey = { credential_id: factorId, public_key: Buffer.from("key"), sign_count: signCount };
    await inTransaction((trx) => insertSecondFactor(trx, { ...row, method: "passkey", ...passkey }));
    return factorId;
  };
  const counting = await keep(5);
  assert.equal(await winners((trx) => takeCount(trx, { factorId: counting, count: 6, now })), 1);
  assert.equal(await winners((trx) => takeCount(trx, { factorId: counting, count: 0, now })), 0);
  const silent = await keep(0);
  assert.equal(await winners((trx) => takeCount(trx, { factorId: silent, count: 0, now })), contenders);
});

test("of 64 who bring one recovery code, one has it taken", async () => {
  const hash = Buffer.from("hash");
  await inTransaction((trx) => replaceRecoveryCodes(trx, userId, [hash], now));
  assert.equal(await winners((trx) => takeRecoveryCode(trx, { userId: randomUUID(), hash, now })), 0);
  assert.equal(await winners((trx) => takeRecoveryCode(trx, { userId, hash, now })), 1);
});
