import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { lockUser, moveUser } from "../../users/index.ts";
import { confirmEmail } from "../confirm-email.ts";
import { forgetCredentials } from "../forget-credentials.ts";
import { codeOf, facts, password } from "../identity-for-tests.ts";
import { logIn } from "../log-in.ts";
import { logOut } from "../log-out.ts";
import { refreshSession } from "../refresh-session.ts";
import { requestPasswordReset } from "../request-password-reset.ts";
import { resendCode } from "../resend-code.ts";
import { resetPassword } from "../reset-password.ts";
import { type Player, startDouble, startEmbedded, startEmulator } from "./cast-for-tests.ts";

type Case = { name: string; start(): Promise<Player>; lacks: readonly string[] };

/** What the emulator does not do at all: see the provider's fact sheet. Its own double does. */
const cases: readonly Case[] = [
  { name: "embedded", start: startEmbedded, lacks: [] },
  { name: "cognito (double)", start: () => startDouble(), lacks: [] },
  {
    name: "cognito (double without rotation, errors that tell)",
    start: () => startDouble({ settings: { refreshTokenRotation: false, preventUserExistenceErrors: "LEGACY" } }),
    lacks: ["rotation"],
  },
  {
    name: "cognito (cognito-local)",
    start: startEmulator,
    lacks: ["refresh", "rotation", "resend", "disable", "named log-ins"],
  },
];

for (const { name, start, lacks } of cases) {
  describe(`identity provider: ${name}`, () => contract(start, (feature) => lacks.includes(feature)));
}

function contract(start: () => Promise<Player>, lacks: (feature: string) => boolean): void {
  let player: Player;
  let count = 0;
  before(async () => {
    player = await start();
  });
  after(() => player.stop());

  const newAddress = () => {
    count += 1;
    return `person${count}@example.com`;
  };
  const enter = (email: string, secret = password) => logIn(player.deps, { ...facts, email, password: secret });
  const confirm = async (email: string, code?: string) =>
    confirmEmail(player.deps, { ...facts, email, code: code ?? (await player.codeFor(email, "confirm-email")) });
  const makePerson = async () => {
    const email = newAddress();
    const { user_id } = await player.register(email);
    await confirm(email);
    return { email, userId: user_id };
  };
  const move = (userId: string, event: "deactivated" | "reactivated") =>
    player.deps.db.transaction().execute(async (trx) => {
      const { deps } = player;
      const endSessions: typeof deps.tokens.endSessions = async (within, id) => {
        await deps.tokens.endSessions(within, id);
        await deps.poolAccounts.align(within, id);
      };
      const actor = { kind: "user", id: "00000000-0000-7000-8000-00000000000a" } as const;
      const user = await lockUser(trx, userId);
      await moveUser({ ...deps, endSessions, restoreAccess: deps.poolAccounts.align }, trx, { user, event, actor });
    });

  test("a registration makes a pending user with a link to the account, and a second one is told", async () => {
    const email = newAddress();
    const { user_id, status } = await player.register(email);
    assert.equal(status, "pending");
    const links = await player.deps.db.selectFrom("identities").selectAll().where("user_id", "=", user_id).execute();
    assert.deepEqual(
      links.map(({ provider, issuer }) => [provider, issuer]),
      [[player.deps.provider.name, player.deps.provider.issuer]],
    );
    assert.equal(await codeOf(player.register(email)), "email-already-exists");
  });

  test("an outside pool's password and codes are not kept here", async () => {
    const { userId } = await makePerson();
    if (!player.deps.provider.pool) return;
    const { db } = player.deps;
    const [link] = await db.selectFrom("identities").selectAll().where("user_id", "=", userId).execute();
    assert.equal(link?.password_hash, null);
    for (const table of ["messages", "one_time_secrets", "pool_sign_ups"] as const) {
      const rows = await db.selectFrom(table).selectAll().execute();
      assert.deepEqual(rows, [], `${table} stays empty`);
    }
  });

  test("nobody logs in before the address is confirmed, and a wrong code does not confirm it", async () => {
    const email = newAddress();
    await player.register(email);
    assert.equal(await codeOf(enter(email)), "email-not-confirmed");
    assert.equal(await codeOf(confirm(email, "000000")), "invalid-confirmation-code");
    await confirm(email);
    assert.equal((await player.getUser(email)).status, "not_verified");
    assert.equal(await codeOf(confirm(email, "000001")), "invalid-confirmation-code", "twice is once too often");
  });

  test("a log-in's token is that person's, and nobody else's", async () => {
    const { email, userId } = await makePerson();
    const tokens = await enter(email);
    assert.deepEqual([tokens.tokenType, tokens.expiresIn > 0], ["Bearer", true]);
    assert.equal((await player.authenticate(tokens.accessToken)).userId, userId);
    const cut = tokens.accessToken.slice(0, -6);
    assert.equal(await codeOf(player.authenticate(`${cut}AAAAAA`)), "unauthenticated");
  });

  test("unknown address and wrong password are one refusal", async () => {
    const { email } = await makePerson();
    const refusals = await Promise.all([
      codeOf(enter(email, "wrong giraffes hum")),
      codeOf(enter("nobody@example.com")),
    ]);
    assert.deepEqual(refusals, ["invalid-credentials", "invalid-credentials"]);
  });

  test("asking for codes tells nobody whether there is an account", async () => {
    const { email } = await makePerson();
    const { deps } = player;
    for (const address of [email, "stranger@example.com"]) {
      assert.equal(await codeOf(requestPasswordReset(deps, { email: address, ...facts })), "(no error)");
      if (!lacks("resend")) assert.equal(await codeOf(resendCode(deps, { email: address, ...facts })), "(no error)");
      assert.equal(await codeOf(confirm(address, "000002")), "invalid-confirmation-code");
      const reset = { ...facts, email: address, code: "000003", newPassword: "short giraffes hum" };
      assert.equal(await codeOf(resetPassword(deps, reset)), "invalid-confirmation-code");
    }
  });

  test("a new code confirms the address", { skip: lacks("resend") }, async () => {
    const email = newAddress();
    await player.register(email);
    const first = await player.codeFor(email, "confirm-email");
    await resendCode(player.deps, { email, ...facts });
    assert.notEqual(await player.codeFor(email, "confirm-email"), first);
    await confirm(email);
    assert.equal((await player.getUser(email)).status, "not_verified");
  });

  test("a refresh token brings new tokens of the same person", { skip: lacks("refresh") }, async () => {
    const { email, userId } = await makePerson();
    const first = await enter(email);
    const second = await refreshSession(player.deps, first.refreshToken);
    assert.equal((await player.authenticate(second.accessToken)).userId, userId);
    assert.equal(await codeOf(refreshSession(player.deps, "eyJ.made.up.by.a-stranger")), "invalid-refresh-token");
    const reuse = codeOf(refreshSession(player.deps, first.refreshToken));
    if (!lacks("rotation")) assert.equal(await reuse, "invalid-refresh-token", "it counts once");
  });

  test("logging out ends this log-in and leaves the others", async () => {
    const { email } = await makePerson();
    const [here, there] = [await enter(email), await enter(email)];
    const caller = await player.authenticate(here.accessToken);
    await logOut(player.deps, { caller, refreshToken: here.refreshToken, requestId: facts.requestId });
    assert.equal(await codeOf(player.authenticate(here.accessToken)), "unauthenticated");
    if (!lacks("refresh"))
      assert.equal(await codeOf(refreshSession(player.deps, here.refreshToken)), "invalid-refresh-token");
    // Without origin_jti, log-ins of one person in one second have one name, and end together.
    if (!lacks("named log-ins")) assert.equal(await codeOf(player.authenticate(there.accessToken)), "(no error)");
  });

  test("logging out everywhere ends every log-in, and the next one counts", async () => {
    const { email } = await makePerson();
    const [here, there] = [await enter(email), await enter(email)];
    const caller = await player.authenticate(here.accessToken);
    await logOut(player.deps, { caller, everywhere: true, requestId: facts.requestId });
    for (const { accessToken, refreshToken } of [here, there]) {
      assert.equal(await codeOf(player.authenticate(accessToken)), "unauthenticated");
      if (!lacks("refresh"))
        assert.equal(await codeOf(refreshSession(player.deps, refreshToken)), "invalid-refresh-token");
    }
    const next = await enter(email);
    assert.equal(await codeOf(player.authenticate(next.accessToken)), "(no error)", "in the very same second");
  });

  test("a reset changes the password and ends every log-in", async () => {
    const { email } = await makePerson();
    const before = await enter(email);
    await requestPasswordReset(player.deps, { email, ...facts });
    const code = await player.codeFor(email, "reset-password");
    await resetPassword(player.deps, { ...facts, email, code, newPassword: "small giraffes hum" });
    assert.equal(await codeOf(player.authenticate(before.accessToken)), "unauthenticated");
    assert.equal(await codeOf(enter(email)), "invalid-credentials");
    const tokens = await enter(email, "small giraffes hum");
    assert.equal(await codeOf(player.authenticate(tokens.accessToken)), "(no error)");
    assert.ok((await player.actionsOf((await player.getUser(email)).user_id)).includes("user.password-reset"));
  });

  test("a deactivated person is shut out at once, everywhere, until reactivated", async () => {
    const { email, userId } = await makePerson();
    const before = await enter(email);
    await move(userId, "deactivated");
    assert.equal(await codeOf(player.authenticate(before.accessToken)), "account-inactive");
    if (!lacks("refresh"))
      assert.equal(await codeOf(refreshSession(player.deps, before.refreshToken)), "invalid-refresh-token");
    await player.jobs.drain();
    assert.match(await codeOf(enter(email)), /^(account-inactive|invalid-credentials)$/);
    if (lacks("disable")) return;
    await move(userId, "reactivated");
    await player.jobs.drain();
    assert.equal(await codeOf(player.authenticate(before.accessToken)), "unauthenticated", "what ended stays ended");
    const tokens = await enter(email);
    assert.equal(await codeOf(player.authenticate(tokens.accessToken)), "(no error)");
  });

  test("an erased person's account goes, too: the address can be registered again", async () => {
    const { email, userId } = await makePerson();
    const { deps } = player;
    await deps.db.transaction().execute(async (trx) => {
      await forgetCredentials(deps, trx, userId);
      await trx.updateTable("users").set({ email: null }).where("user_id", "=", userId).execute();
    });
    assert.equal(await codeOf(enter(email)), "invalid-credentials");
    await player.jobs.drain();
    const again = await player.register(email);
    assert.notEqual(again.user_id, userId);
  });
}
