import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DeclaredError } from "../../../../foundation/errors/index.ts";
import type { CognitoDouble } from "../../../../sandbox/cognito/index.ts";
import { bootstrapAdmin } from "../../bootstrap-admin.ts";
import { confirmEmail } from "../../confirm-email.ts";
import { codeOf, facts, password } from "../../identity-for-tests.ts";
import { logIn } from "../../log-in.ts";
import { resetPassword } from "../../reset-password.ts";
import { type Player, startDouble } from "../cast-for-tests.ts";

let player: Player & { double: CognitoDouble };
before(async () => {
  player = await startDouble({ settings: { requireNumbers: true, minimumPasswordLength: 12 } });
});
after(() => player.stop());

const good = `${password} 4`;
const enter = (email: string, secret = good) => logIn(player.deps, { ...facts, email, password: secret });

test("a password that the pool refuses is the field's fault, in its rule's words and without the password", async () => {
  const error = await player.register("policy@example.com", { password: "tall giraffes hum" }).catch((why) => why);
  assert.ok(error instanceof DeclaredError);
  assert.equal(error.declaration.status, 400);
  assert.deepEqual(error.occurrence.errors, {
    password: ["does not fit the identity provider's rules: password must have numeric characters"],
  });
  const reset = { ...facts, email: "policy@example.com", code: "000000", newPassword: "tall giraffes hum" };
  assert.equal(await codeOf(resetPassword(player.deps, reset)), "invalid-request");
});

test("the pool's lock after five wrong passwords looks like a wrong password, and passes", async () => {
  const email = "locked@example.com";
  await player.register(email, { password: good });
  await confirmEmail(player.deps, { ...facts, email, code: await player.codeFor(email, "confirm-email") });
  for (let tries = 0; tries < 6; tries += 1) {
    await player.deps.throttles.forget([["log-in by account and source", email, facts.source]]);
    assert.equal(await codeOf(enter(email, "wrong giraffes hum")), "invalid-credentials");
  }
  await player.deps.throttles.forget([["log-in by account and source", email, facts.source]]);
  assert.equal(await codeOf(enter(email)), "invalid-credentials", "the right password, too early");
  player.clock.advanceSeconds(60);
  assert.equal(await codeOf(enter(email)), "(no error)");
});

test("the first admin's account may log in at once, and is found again by the next start", async () => {
  const input = { email: "root@example.com", password: "tall giraffes rule 1" };
  const userId = await bootstrapAdmin(player.deps, input);
  assert.equal(await bootstrapAdmin(player.deps, input), userId);
  const { accessToken } = await enter(input.email, input.password);
  assert.equal((await player.authenticate(accessToken)).type, "internal-admin");
});

test("a well-kept pool gives no notice; dangerous settings are named one by one", async () => {
  assert.deepEqual(await player.deps.provider.pool?.checkSettings(), []);
  const careless = await startDouble({
    settings: {
      preventUserExistenceErrors: "LEGACY",
      refreshTokenRotation: false,
      minimumPasswordLength: 6,
      accessTokenSeconds: 24 * 3600,
    },
    given: { clientSecret: "not the secret" },
  });
  try {
    const notices = (await careless.deps.provider.pool?.checkSettings()) ?? [];
    const named = ["MinimumLength", "PreventUserExistenceErrors", "rotation", "AccessTokenValidity", "CLIENT_SECRET"];
    assert.equal(notices.length, named.length, notices.join("\n"));
    for (const word of named)
      assert.ok(
        notices.some((notice) => notice.includes(word)),
        word,
      );
    assert.ok(!notices.join(" ").includes("not the secret"));
    assert.equal(
      await codeOf(careless.register("any@example.com")),
      "unavailable",
      "a wrong secret is no one's fault outside",
    );
  } finally {
    await careless.stop();
  }
});

test("a pool that cannot be reached is a notice at start, not a crash", async () => {
  const lost = await startDouble({ given: { endpoint: "http://127.0.0.1:9" } });
  try {
    const notices = (await lost.deps.provider.pool?.checkSettings()) ?? [];
    assert.match(notices.join(" "), /did not answer/);
    assert.equal(await codeOf(logIn(lost.deps, { ...facts, email: "a@example.com", password })), "unavailable");
  } finally {
    await lost.stop();
  }
});

test("more at once than the pool's quota takes are told to wait, and everybody else gets in", async () => {
  const busy = await startDouble({ settings: { requestsPerSecond: { userCreation: 5 } } });
  try {
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, n) => codeOf(busy.register(`busy${n}@example.com`))),
    );
    const kinds = new Set(outcomes);
    assert.deepEqual([...kinds].sort(), ["(no error)", "too-many-requests"]);
    const users = await busy.deps.db.selectFrom("users").select("user_id").execute();
    assert.equal(users.length, outcomes.filter((outcome) => outcome === "(no error)").length);
    assert.deepEqual(await busy.deps.db.selectFrom("pool_sign_ups").selectAll().execute(), []);
  } finally {
    await busy.stop();
  }
});
