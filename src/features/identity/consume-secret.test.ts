import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { consumeSecret } from "./consume-secret.ts";
import { startIdentity } from "./identity-for-tests.ts";
import { issueSecret } from "./issue-secret.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
  // Contenders meet on warm connections, or the first would be done before the last has one.
  await Promise.all(
    Array.from({ length: 32 }, () => identity.deps.db.selectFrom("users").select("id").limit(1).execute()),
  );
});
after(() => identity.stop());

const issue = (subject: string) =>
  identity.deps.db
    .transaction()
    .execute((trx) => issueSecret(identity.deps, trx, { purpose: "confirm-email", subject }));
const attempt = (subject: string, secret: string, purpose: "confirm-email" | "reset-password" = "confirm-email") =>
  identity.deps.db.transaction().execute((trx) => consumeSecret(identity.deps, trx, { purpose, subject, secret }));
const contenders = <Result>(attemptOnce: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: 64 }, (_, index) => attemptOnce(index)));
const wrong = (secret: string) => (secret === "000000" ? "111111" : "000000");

test("of 64 contenders with the right code, exactly one wins", async () => {
  for (let round = 0; round < 5; round += 1) {
    const subject = `race ${round}`;
    const { secret } = await issue(subject);
    const outcomes = await contenders(() => attempt(subject, secret));
    assert.equal(outcomes.filter((outcome) => outcome === "consumed").length, 1);
    assert.equal(await attempt(subject, secret), "refused");
  }
});

test("five wrong tries use a code up, also 64 at once, and not one more is counted", async () => {
  const { secret } = await issue("tries");
  const outcomes = await contenders(() => attempt("tries", wrong(secret)));
  assert.deepEqual(new Set(outcomes), new Set(["refused"]));
  assert.equal(await attempt("tries", secret), "refused");
  const row = await identity.deps.db
    .selectFrom("one_time_secrets")
    .selectAll()
    .where("subject", "=", "tries")
    .executeTakeFirstOrThrow();
  assert.equal(row.tries_left, 0);
  assert.equal(row.consumed_at, null);
});

test("the fifth try may still be the right one", async () => {
  const { secret } = await issue("fifth");
  for (let index = 0; index < 4; index += 1) assert.equal(await attempt("fifth", wrong(secret)), "refused");
  assert.equal(await attempt("fifth", secret), "consumed");
});

test("only the newest code counts, with tries of its own", async () => {
  const first = await issue("newest");
  await attempt("newest", wrong(first.secret));
  const second = await issue("newest");
  if (first.secret !== second.secret) assert.equal(await attempt("newest", first.secret), "refused");
  assert.equal(await attempt("newest", second.secret), "consumed");
});

test("a code ends after ten minutes", async () => {
  const { secret } = await issue("late");
  identity.clock.advanceSeconds(600);
  assert.equal(await attempt("late", secret), "refused");
});

test("a code opens only what it was made for, and is not stored in clear", async () => {
  const { secret } = await issue("bound");
  assert.equal(await attempt("bound", secret, "reset-password"), "refused");
  assert.equal(await attempt("somebody else", secret), "refused");
  const row = await identity.deps.db
    .selectFrom("one_time_secrets")
    .selectAll()
    .where("subject", "=", "bound")
    .executeTakeFirstOrThrow();
  assert.equal(JSON.stringify(row).includes(secret), false);
  assert.equal(row.secret_hash.length, 32);
});

test("a try whose transaction is rolled back is the caller's mistake: it comes back", async () => {
  const { secret } = await issue("rolled back");
  const failing = identity.deps.db.transaction().execute(async (trx) => {
    await consumeSecret(identity.deps, trx, { purpose: "confirm-email", subject: "rolled back", secret });
    throw new Error("The deed failed.");
  });
  await assert.rejects(failing, /The deed failed/);
  assert.equal(await attempt("rolled back", secret), "consumed");
});

test("the same digits for another person or purpose leave another hash", async () => {
  const deps = { ...identity.deps, ids: { ...identity.deps.ids, sixDigits: () => "424242" } };
  const places = [
    { purpose: "confirm-email", subject: "one" },
    { purpose: "confirm-email", subject: "two" },
    { purpose: "reset-password", subject: "one" },
  ] as const;
  for (const place of places) await deps.db.transaction().execute((trx) => issueSecret(deps, trx, place));
  const rows = await deps.db
    .selectFrom("one_time_secrets")
    .select("secret_hash")
    .where("subject", "in", ["one", "two"])
    .execute();
  assert.equal(new Set(rows.map((row) => row.secret_hash.toString("hex"))).size, 3);
});
