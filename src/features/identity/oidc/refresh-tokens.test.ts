import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { findLiveGrants } from "./index.ts";
import { createTestMachinery, type TestMachinery } from "./machinery-for-tests.ts";

const day = 24 * 3600;
const refused = { message: /^invalid-refresh-token/ };
let machinery: TestMachinery;
before(async () => {
  machinery = await createTestMachinery();
});
after(() => machinery.dispose());

async function recordsOf(userId: string): Promise<number> {
  const rows = machinery.db.selectFrom("oidc_records").select("model").where("user_id", "=", userId);
  return (await rows.execute()).length;
}

test("a refresh gives a new pair of the same log-in", async () => {
  const login = await machinery.logIn();
  const next = await machinery.tokens.refresh(login.refreshToken);
  assert.notEqual(next.refreshToken, login.refreshToken);
  assert.notEqual(decodeJwt(next.accessToken).jti, decodeJwt(login.accessToken).jti);
  const { userId, grantId } = await machinery.verifyUser(next.accessToken);
  assert.deepEqual({ userId, grantId }, { userId: login.userId, grantId: login.grantId });
  await machinery.tokens.refresh(next.refreshToken);
});

test("a refresh token used twice ends the log-in: successor, grant and access tokens", async () => {
  const login = await machinery.logIn();
  const next = await machinery.tokens.refresh(login.refreshToken);
  await assert.rejects(machinery.tokens.refresh(login.refreshToken), refused);
  await assert.rejects(machinery.tokens.refresh(next.refreshToken), refused);
  assert.equal((await findLiveGrants(machinery, [login.grantId])).size, 0);
  assert.equal(await recordsOf(login.userId), 0);
  const { userId, grantId } = login;
  assert.deepEqual(machinery.ended.at(-1), { userId, grantId, reason: "refresh-token-reused" });
});

test("of 64 refreshes of one token at once exactly one wins, and the log-in ends", async () => {
  const login = await machinery.logIn();
  const endedBefore = machinery.ended.length;
  const answers = await Promise.allSettled(
    Array.from({ length: 64 }, () => machinery.tokens.refresh(login.refreshToken)),
  );
  const won = answers.filter((answer) => answer.status === "fulfilled");
  assert.equal(won.length, 1);
  for (const answer of answers) {
    if (answer.status === "rejected") assert.match(String(answer.reason), /invalid-refresh-token/);
  }
  await assert.rejects(machinery.tokens.refresh(won[0]?.value.refreshToken ?? ""), refused);
  assert.equal((await findLiveGrants(machinery, [login.grantId])).size, 0);
  assert.equal(await recordsOf(login.userId), 0);
  assert.equal(machinery.ended.length - endedBefore, 1);
});

test("an account that may not act cannot refresh, and its log-in ends", async () => {
  const login = await machinery.logIn();
  machinery.blocked.add(login.userId);
  await assert.rejects(machinery.tokens.refresh(login.refreshToken), refused);
  machinery.blocked.delete(login.userId);
  await assert.rejects(machinery.tokens.refresh(login.refreshToken), refused);
  assert.equal(machinery.ended.at(-1)?.reason, "account-may-not-act");
  assert.equal(await recordsOf(login.userId), 0);
});

test("ending a person's log-ins ends all of them and nobody else's", async () => {
  const { tokens, db } = machinery;
  const first = await machinery.logIn();
  const second = await machinery.logIn(first.userId);
  const other = await machinery.logIn();
  await db.transaction().execute((trx) => tokens.endSessions(trx, first.userId));
  for (const login of [first, second]) await assert.rejects(tokens.refresh(login.refreshToken), refused);
  const grants = [first.grantId, second.grantId, other.grantId];
  assert.deepEqual(await findLiveGrants(machinery, grants), new Set([other.grantId]));
  await tokens.refresh(other.refreshToken);
});

test("log-outs during refreshes leave nothing of the log-in behind", async () => {
  const { tokens, db } = machinery;
  for (let round = 0; round < 20; round++) {
    const login = await machinery.logIn();
    const logOut = db.transaction().execute((trx) => tokens.endSessions(trx, login.userId));
    const [refreshed] = await Promise.allSettled([tokens.refresh(login.refreshToken), logOut]);
    await logOut;
    assert.equal(await recordsOf(login.userId), 0);
    if (refreshed?.status === "rejected") assert.match(String(refreshed.reason), /invalid-refresh-token/);
  }
});

test("log-out ends one log-in, by its id or its refresh token", async () => {
  const { tokens, db } = machinery;
  const byId = await machinery.logIn();
  await db.transaction().execute((trx) => tokens.endSession(trx, byId.grantId));
  await assert.rejects(tokens.refresh(byId.refreshToken), refused);
  const byToken = await machinery.logIn();
  const end = () => db.transaction().execute((trx) => tokens.endSessionOfRefreshToken(trx, byToken.refreshToken));
  assert.deepEqual(await end(), { userId: byToken.userId, grantId: byToken.grantId });
  assert.equal(await end(), undefined);
  await assert.rejects(tokens.refresh(byToken.refreshToken), refused);
});

test("what is no refresh token is refused", async () => {
  const { accessToken, refreshToken } = await machinery.logIn();
  const wrong = ["", "x", accessToken, refreshToken.slice(1), `${refreshToken}\u0000`, "\ud800", "a".repeat(100_000)];
  for (const text of wrong) await assert.rejects(machinery.tokens.refresh(text), refused);
  await machinery.tokens.refresh(refreshToken);
});

test("a refresh token counts for 30 days, a log-in for 90, however often it is refreshed", async () => {
  const { tokens, clock } = machinery;
  const idle = await machinery.logIn();
  const busy = await machinery.logIn();
  clock.advanceSeconds(30 * day + 2);
  await assert.rejects(tokens.refresh(idle.refreshToken), refused);
  let { refreshToken } = await machinery.logIn();
  for (let elapsed = 0; elapsed + 29 * day < 90 * day; elapsed += 29 * day) {
    clock.advanceSeconds(29 * day);
    const next = await tokens.refresh(refreshToken);
    const age = clock.now().getTime() / 1000 - (decodeJwt(next.accessToken).iat ?? 0);
    assert.ok(age >= 0 && age <= 2, "tokens carry the time of our clock");
    refreshToken = next.refreshToken;
  }
  clock.advanceSeconds(3 * day + 2);
  await assert.rejects(tokens.refresh(refreshToken), refused);
  assert.equal((await findLiveGrants(machinery, [busy.grantId])).size, 0);
});

test("a refresh that fails half way leaves the token as it was", async () => {
  const { tokens, runAsOwner } = machinery;
  const { refreshToken } = await machinery.logIn();
  await runAsOwner("alter table oidc_records add constraint fault check (payload ->> 'rotations' <> '1') not valid");
  await assert.rejects(tokens.refresh(refreshToken), { message: /^internal-error/ });
  await runAsOwner("alter table oidc_records drop constraint fault");
  const line = machinery.logged.at(-1) ?? "";
  assert.match(line, /"constraint":"fault"/);
  assert.ok(!line.includes(refreshToken));
  await tokens.refresh(refreshToken);
});

test("while the database is away a refresh fails as unavailable", async () => {
  const { refreshToken, userId } = await machinery.logIn();
  machinery.unreachable.add(userId);
  await assert.rejects(machinery.tokens.refresh(refreshToken), { message: /^unavailable/ });
  machinery.unreachable.clear();
  await machinery.tokens.refresh(refreshToken);
});
