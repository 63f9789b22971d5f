import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deleteExpiredRecords, findLiveGrants } from "./index.ts";
import { createTestMachinery, type TestMachinery } from "./machinery-for-tests.ts";

let machinery: TestMachinery;
before(async () => {
  machinery = await createTestMachinery();
});
after(() => machinery.dispose());

test("expired records are forgotten, living ones kept", async () => {
  const { clock, db } = machinery;
  const old = await machinery.logIn();
  clock.advanceSeconds(31 * 24 * 3600);
  const recent = await machinery.logIn();
  assert.equal(await deleteExpiredRecords({ db, clock }), 1, "the old refresh token; its log-in lives for 90 days");
  clock.advanceSeconds(60 * 24 * 3600);
  assert.equal(await deleteExpiredRecords({ db, clock }), 2, "the old log-in and the recent refresh token");
  assert.deepEqual(await findLiveGrants(machinery, [old.grantId, recent.grantId]), new Set([recent.grantId]));
  assert.equal(await deleteExpiredRecords({ db, clock }), 0);
});
