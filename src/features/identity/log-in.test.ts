import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lockUser, moveUser } from "../users/index.ts";
import { bootstrapAdmin } from "./bootstrap-admin.ts";
import { confirmEmail } from "./confirm-email.ts";
import { forgetCredentials } from "./forget-credentials.ts";
import { codeOf, facts, password, startIdentity } from "./identity-for-tests.ts";
import { logIn } from "./log-in.ts";
import { logOut } from "./log-out.ts";
import { issueLoginLink, logInWithLink } from "./login-link.ts";
import { readMe } from "./read-me.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { resetPassword } from "./reset-password.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.stop());

const enter = (email: string, secret = password, source = facts.source) =>
  logIn(identity.deps, { ...facts, email, password: secret, source });
const move = (userId: string, event: "deactivated" | "blocked" | "closed") =>
  identity.deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    const deps = { ...identity.deps, endSessions: identity.deps.tokens.endSessions, restoreAccess: async () => {} };
    await moveUser(deps, trx, { user, event, actor: { kind: "user", id: "018f3f6e-0000-7000-8000-0000000000ff" } });
  });

async function confirmed(email: string): Promise<string> {
  const { user_id: userId } = await identity.register(email);
  await confirmEmail(identity.deps, {
    ...facts,
    email,
    code: await identity.newestCode(email),
    source: "198.51.100.99",
  });
  return userId;
}

test("the right password gives tokens that say who one is, and the log-in is in the journal", async () => {
  const userId = await confirmed("ada@example.com");
  const tokens = await enter("ada@example.com");
  assert.deepEqual([tokens.tokenType, tokens.expiresIn], ["Bearer", 900]);
  const caller = await identity.authenticate(tokens.accessToken);
  assert.deepEqual([caller.userId, caller.role, caller.type], [userId, "retail", "user"]);
  const me = await readMe(identity.deps, caller);
  assert.deepEqual(
    [me.userId, me.firstname, me.lastname, me.email, me.accountType, me.walletAddress, me.profileComplete, me.status],
    [userId, "Ada", "Obi", "ada@example.com", "standard", null, true, "not_verified"],
  );
  assert.equal((await identity.actionsOf(userId)).at(-1), "user.logged-in");
});

test("unknown address and wrong password are one refusal; only the right password learns that the address waits", async () => {
  await identity.register("waiting@example.com");
  assert.equal(await codeOf(enter("unknown@example.com")), "invalid-credentials");
  assert.equal(await codeOf(enter("waiting@example.com", "wrong giraffes hum")), "invalid-credentials");
  assert.equal(await codeOf(enter("waiting@example.com")), "email-not-confirmed");
});

test("whoever may not act cannot log in, and tokens issued before say why they stopped", async () => {
  for (const [event, code] of [
    ["deactivated", "account-inactive"],
    ["blocked", "account-blocked"],
    ["closed", "account-closed"],
  ] as const) {
    const userId = await confirmed(`${event}@example.com`);
    const { accessToken, refreshToken } = await enter(`${event}@example.com`);
    await identity.authenticate(accessToken);
    await move(userId, event);
    assert.equal(await codeOf(identity.authenticate(accessToken)), code);
    assert.equal(await codeOf(enter(`${event}@example.com`)), code);
    assert.equal(await codeOf(enter(`${event}@example.com`, "wrong giraffes hum")), "invalid-credentials");
    assert.equal(await codeOf(identity.deps.tokens.refresh(refreshToken)), "invalid-refresh-token");
  }
});

test("after five failures even the right password waits, and only there; a success elsewhere changes nothing", async () => {
  await confirmed("target@example.com");
  for (let index = 0; index < 5; index += 1)
    assert.equal(await codeOf(enter("target@example.com", "wrong giraffes hum")), "invalid-credentials");
  assert.equal(await codeOf(enter("target@example.com")), "too-many-requests");
  await enter("target@example.com", password, "203.0.113.5");
  assert.equal(await codeOf(enter("target@example.com")), "too-many-requests");
  identity.clock.advanceSeconds(30);
  await enter("target@example.com");
});

test("guessing from many places slows strangers down, never a place that the owner came from before", async () => {
  await confirmed("famous@example.com");
  await enter("famous@example.com", password, "203.0.113.20");
  for (let index = 0; index < 20; index += 1)
    await codeOf(enter("famous@example.com", "wrong giraffes hum", `198.51.100.${index}`));
  assert.equal(await codeOf(enter("famous@example.com", password, "198.51.100.200")), "too-many-requests");
  await enter("famous@example.com", password, "203.0.113.20");
});

test("logging out ends this log-in at once; everywhere ends all", async () => {
  await confirmed("leaver@example.com");
  const [first, second, third] = [
    await enter("leaver@example.com"),
    await enter("leaver@example.com"),
    await enter("leaver@example.com"),
  ];
  const caller = await identity.authenticate(first.accessToken);
  await logOut(identity.deps, { caller, requestId: facts.requestId });
  assert.equal(await codeOf(identity.authenticate(first.accessToken)), "unauthenticated");
  assert.equal(await codeOf(identity.deps.tokens.refresh(first.refreshToken)), "invalid-refresh-token");
  await logOut(identity.deps, {
    caller: await identity.authenticate(second.accessToken),
    everywhere: true,
    requestId: facts.requestId,
  });
  assert.equal(await codeOf(identity.authenticate(third.accessToken)), "unauthenticated");
});

test("a reset sets the new password, ends every log-in, counts once and tells the owner", async () => {
  const userId = await confirmed("forgetful@example.com");
  const { accessToken } = await enter("forgetful@example.com");
  await requestPasswordReset(identity.deps, { email: "forgetful@example.com", requestId: facts.requestId });
  const code = await identity.newestCode("forgetful@example.com");
  const reset = (newPassword: string) =>
    resetPassword(identity.deps, { ...facts, email: "forgetful@example.com", code, newPassword });
  assert.equal(await codeOf(reset("password")), "invalid-request");
  const results = await Promise.all(Array.from({ length: 16 }, () => codeOf(reset("new giraffes hum"))));
  assert.equal(results.filter((result) => result === "(no error)").length, 1);
  assert.equal(await codeOf(identity.authenticate(accessToken)), "unauthenticated");
  assert.equal(await codeOf(enter("forgetful@example.com")), "invalid-credentials");
  await enter("forgetful@example.com", "new giraffes hum");
  assert.ok((await identity.actionsOf(userId)).includes("user.password-reset"));
  await identity.newestCode("forgetful@example.com");
  assert.match(identity.mails.at(-1)?.subject ?? "", /password was changed/);
});

test("an old password that was checked before a reset begins no log-in after it", async () => {
  await confirmed("overtaken@example.com");
  await requestPasswordReset(identity.deps, { email: "overtaken@example.com", requestId: facts.requestId });
  const code = await identity.newestCode("overtaken@example.com");
  const { provider } = identity.deps;
  const overtaken: typeof provider = {
    ...provider,
    checkPassword: async (...checked) => {
      const right = await provider.checkPassword(...checked);
      const reset = { ...facts, email: "overtaken@example.com", code, newPassword: "new giraffes hum" };
      await resetPassword(identity.deps, reset);
      return right;
    },
  };
  const late = logIn({ ...identity.deps, provider: overtaken }, { ...facts, email: "overtaken@example.com", password });
  assert.equal(await codeOf(late), "invalid-credentials");
});

test("a reset code proves the mailbox: an unconfirmed address becomes confirmed, and its first code counts no more", async () => {
  await identity.register("late@example.com");
  const first = await identity.newestCode("late@example.com");
  await requestPasswordReset(identity.deps, { email: "late@example.com", requestId: facts.requestId });
  const code = await identity.newestCode("late@example.com");
  await resetPassword(identity.deps, { ...facts, email: "late@example.com", code, newPassword: "new giraffes hum" });
  assert.equal((await identity.getUser("late@example.com")).status, "not_verified");
  assert.equal(
    await codeOf(confirmEmail(identity.deps, { ...facts, email: "late@example.com", code: first })),
    "invalid-confirmation-code",
  );
  await enter("late@example.com", "new giraffes hum");
});

test("asking for a reset tells nothing: an unknown address answers alike, and its fourth code too", async () => {
  for (const email of ["unknown@example.com", "ada@example.com"]) {
    const ask = () => codeOf(requestPasswordReset(identity.deps, { email, requestId: facts.requestId }));
    assert.deepEqual(
      [await ask(), await ask(), await ask(), await ask()],
      ["(no error)", "(no error)", "(no error)", "too-many-requests"],
    );
  }
});

test("the first admin is made once, also by processes that start together, and a log-in link counts once", async () => {
  const make = () => bootstrapAdmin(identity.deps, { email: " Root@Example.com ", password: "tall giraffes rule" });
  const ids = await Promise.all([make(), make(), make(), make()]);
  assert.equal(new Set(ids).size, 1);
  const [userId = ""] = ids;
  const root = await identity.getUser("root@example.com");
  assert.deepEqual(
    [root.role, root.type, root.status, root.email_verified_at !== null],
    ["super-admin", "internal-admin", "not_verified", true],
  );
  await enter("root@example.com", "tall giraffes rule");
  const follow = (token: string) => logInWithLink(identity.deps, { ...facts, token });
  const replaced = await issueLoginLink(identity.deps, userId);
  const token = await issueLoginLink(identity.deps, userId);
  assert.equal(await codeOf(follow(replaced)), "invalid-login-link");
  const results = await Promise.all(Array.from({ length: 16 }, () => codeOf(follow(token))));
  assert.equal(results.filter((result) => result === "(no error)").length, 1);
  assert.equal(await codeOf(follow("nonsense")), "invalid-login-link");
  const late = await issueLoginLink(identity.deps, userId);
  identity.clock.advanceSeconds(901);
  assert.equal(await codeOf(follow(late)), "invalid-login-link");
  await assert.rejects(bootstrapAdmin(identity.deps, { email: "ada@example.com" }), /no internal-admin/);
});

test("forgotten credentials leave no way in", async () => {
  const userId = await confirmed("erased@example.com");
  const { accessToken } = await enter("erased@example.com");
  await identity.deps.db.transaction().execute((trx) => forgetCredentials(identity.deps, trx, userId));
  assert.equal(await codeOf(identity.authenticate(accessToken)), "unauthenticated");
  assert.equal(await codeOf(enter("erased@example.com")), "invalid-credentials");
  for (const table of ["identities", "known_sources"] as const) {
    assert.deepEqual(await identity.deps.db.selectFrom(table).selectAll().where("user_id", "=", userId).execute(), []);
  }
});
