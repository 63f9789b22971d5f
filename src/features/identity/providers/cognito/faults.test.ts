import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import type { CognitoDouble, Fault } from "../../../../sandbox/cognito/index.ts";
import type { PresentedUser } from "../../../users/index.ts";
import { confirmEmail } from "../../confirm-email.ts";
import { codeOf, facts, password } from "../../identity-for-tests.ts";
import { logIn } from "../../log-in.ts";
import { logOut } from "../../log-out.ts";
import { repairSignUps } from "../../pool-accounts/index.ts";
import { registerUser } from "../../register-user.ts";
import { resendCode } from "../../resend-code.ts";
import { type Player, startDouble } from "../cast-for-tests.ts";

let player: Player & { double: CognitoDouble };
before(async () => {
  player = await startDouble();
});
after(() => player.stop());
beforeEach(() => player.double.faults.clear());

let count = 0;
const newAddress = () => {
  count += 1;
  return `fault${count}@example.com`;
};
const spoil = (operation: string, kind: Fault["kind"], times = 1) =>
  player.double.faults.add({ operation, kind, times });
const enter = (email: string) => logIn(player.deps, { ...facts, email, password });
const confirm = async (email: string) =>
  confirmEmail(player.deps, { ...facts, email, code: await player.codeFor(email, "confirm-email") });
const inPool = async (email: string) => player.deps.provider.pool?.findAccount(email);
const leftNotes = async () => (await player.deps.db.selectFrom("pool_sign_ups").selectAll().execute()).length;

/** Makes our own transaction fail at its last step, as a full disk would. */
async function withBrokenJournal<Result>(work: () => Promise<Result>): Promise<Result> {
  const { journal } = player.deps;
  player.deps.journal = {
    ...journal,
    record: async () => {
      throw new Error("The disk is full.");
    },
  };
  return work().finally(() => {
    player.deps.journal = journal;
  });
}

for (const kind of ["mail-quota-spent-after", "mail-failed-after"] as const) {
  test(`an account whose mail did not go out is registered all the same: ${kind}`, async () => {
    const email = newAddress();
    spoil("SignUp", kind);
    assert.equal((await player.register(email)).status, "pending");
    await resendCode(player.deps, { email, ...facts });
    await confirm(email);
    assert.equal(await codeOf(enter(email)), "(no error)");
  });
}

test("a sign-up whose answer got lost is found in the pool and goes on", async () => {
  for (const kind of ["silence-after", "internal-error-after"] as const) {
    const email = newAddress();
    spoil("SignUp", kind);
    assert.equal((await player.register(email)).status, "pending", kind);
    await confirm(email);
    assert.equal(await codeOf(enter(email)), "(no error)", kind);
  }
  assert.equal(await leftNotes(), 0);
});

test("a sign-up in doubt is unavailable, and completed by the repair once the pool answers", async () => {
  const email = newAddress();
  spoil("SignUp", "silence-after");
  spoil("AdminGetUser", "internal-error");
  assert.equal(await codeOf(player.register(email)), "unavailable");
  assert.equal(await codeOf(player.register(email)), "unavailable", "a repeat neither doubles nor lies");
  await repairSignUps(player.deps);
  assert.equal(await leftNotes(), 1, "not before the window has passed: it could still be under way");
  player.clock.advanceSeconds(61);
  await Promise.all([repairSignUps(player.deps), repairSignUps(player.deps)]);
  assert.equal(await leftNotes(), 0);
  assert.equal((await player.getUser(email)).fname, "Ada");
  await confirm(email);
  assert.equal(await codeOf(enter(email)), "(no error)");
  assert.equal(await codeOf(player.register(email)), "email-already-exists");
});

test("a sign-up that never reached the pool leaves nothing behind after the repair", async () => {
  const email = newAddress();
  spoil("SignUp", "internal-error");
  assert.equal(await codeOf(player.register(email)), "unavailable");
  player.clock.advanceSeconds(61);
  await repairSignUps(player.deps);
  assert.equal(await leftNotes(), 0);
  assert.equal((await player.register(email)).status, "pending");
});

test("where our transaction fails, the account is taken back at once, and the next try works", async () => {
  const email = newAddress();
  await assert.rejects(
    withBrokenJournal(() => player.register(email)),
    /disk is full/,
  );
  assert.equal(await inPool(email), undefined);
  assert.equal(await leftNotes(), 0);
  assert.equal((await player.register(email)).status, "pending");
});

test("an account that could not be taken back is deleted by the repair, not completed", async () => {
  const email = newAddress();
  spoil("AdminDeleteUser", "internal-error", 2);
  await assert.rejects(
    withBrokenJournal(() => player.register(email)),
    /disk is full/,
  );
  assert.notEqual(await inPool(email), undefined);
  for (const expected of [1, 0]) {
    player.clock.advanceSeconds(61);
    await repairSignUps(player.deps);
    assert.equal(await leftNotes(), expected);
  }
  assert.equal(await inPool(email), undefined);
  assert.equal((await player.register(email)).status, "pending");
});

test("an account that was in the pool before us is never taken over", async () => {
  const email = newAddress();
  await player.deps.provider.createAccount({ userId: "", email, password });
  player.clock.advanceSeconds(120);
  assert.equal(await codeOf(player.register(email)), "email-already-exists");
  assert.equal(await leftNotes(), 0);
  spoil("SignUp", "internal-error");
  assert.equal(await codeOf(player.register(email)), "unavailable");
  player.clock.advanceSeconds(61);
  await repairSignUps(player.deps);
  assert.notEqual(await inPool(email), undefined);
  await assert.rejects(player.getUser(email));
});

test("of 64 who register one address at once, one does", async () => {
  const email = newAddress();
  const outcomes = await Promise.all(Array.from({ length: 64 }, () => codeOf(player.register(email))));
  assert.equal(outcomes.filter((outcome) => outcome === "(no error)").length, 1);
  assert.deepEqual([...new Set(outcomes)].sort(), ["(no error)", "email-already-exists"]);
  assert.equal(await leftNotes(), 0);
});

test("a repeat whose note comes just after the first has been struck out gets the first's answer, not a refusal", async () => {
  const body = { email: newAddress(), fname: "Ada", lname: "Obi", password };
  const input = { ...facts, body, caller: undefined, once: { keyHash: randomBytes(32), requestHash: randomBytes(32) } };
  const { deps } = player;
  let first: PresentedUser | undefined;
  const sealAfterFirst: typeof deps.seal.seal = async (value) => {
    first ??= await registerUser(deps, input);
    return deps.seal.seal(value);
  };
  const repeat = await registerUser({ ...deps, seal: { ...deps.seal, seal: sealAfterFirst } }, input);
  assert.deepEqual(repeat, first);
  assert.equal(await leftNotes(), 0);
});

test("a confirmation whose answer got lost is made good by the next code or log-in", async () => {
  for (const way of [confirm, enter]) {
    const email = newAddress();
    await player.register(email);
    spoil("ConfirmSignUp", "silence-after");
    assert.equal(await codeOf(confirm(email)), "unavailable");
    assert.equal((await player.getUser(email)).status, "pending");
    const code = "000000";
    assert.equal(
      await codeOf(way === enter ? enter(email) : confirmEmail(player.deps, { ...facts, email, code })),
      "(no error)",
    );
    assert.equal((await player.getUser(email)).status, "not_verified");
  }
});

test("a spent quota is an honest 429 with the seconds to wait, and costs no try", async () => {
  const email = newAddress();
  await player.register(email);
  await confirm(email);
  spoil("InitiateAuth", "throttled", 12);
  for (let tries = 0; tries < 12; tries += 1) {
    const error = await enter(email).catch((reason: unknown) => reason);
    const { declaration, occurrence } = error as { declaration: { status: number }; occurrence: object };
    assert.deepEqual([declaration.status, "retryAfterSeconds" in occurrence], [429, true]);
  }
  assert.equal(await codeOf(enter(email)), "(no error)");
  const other = newAddress();
  spoil("SignUp", "throttled");
  assert.equal(await codeOf(player.register(other)), "too-many-requests");
  assert.equal(await leftNotes(), 0, "nothing half done");
  assert.equal((await player.register(other)).status, "pending");
});

test("a pool that does not answer never keeps a log-out from counting; a job ends the rest", async () => {
  const email = newAddress();
  await player.register(email);
  await confirm(email);
  const tokens = await enter(email);
  const caller = await player.authenticate(tokens.accessToken);
  spoil("AdminUserGlobalSignOut", "internal-error");
  await logOut(player.deps, { caller, everywhere: true, requestId: facts.requestId });
  assert.equal(await codeOf(player.authenticate(tokens.accessToken)), "unauthenticated");
  assert.equal(await codeOf(refreshAtPool(tokens.refreshToken)), "(no error)", "the pool does not know yet");
  await player.jobs.drain();
  assert.equal(await codeOf(refreshAtPool(tokens.refreshToken)), "invalid-refresh-token");
});

async function refreshAtPool(refreshToken: string): Promise<void> {
  await player.deps.provider.pool?.refresh(refreshToken);
}

test("a code that the pool could not be asked for costs nothing of the address's budget", async () => {
  const email = newAddress();
  await player.register(email);
  for (let tries = 0; tries < 5; tries += 1) {
    spoil("ResendConfirmationCode", "throttled");
    assert.equal(await codeOf(resendCode(player.deps, { email, ...facts })), "too-many-requests");
    player.clock.advanceSeconds(2);
  }
  assert.equal(await codeOf(resendCode(player.deps, { email, ...facts })), "(no error)");
  await confirm(email);
});
