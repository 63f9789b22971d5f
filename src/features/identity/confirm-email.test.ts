import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { confirmEmail } from "./confirm-email.ts";
import { codeOf, facts, startIdentity } from "./identity-for-tests.ts";
import { resendCode } from "./resend-code.ts";

let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.stop());

let place = 0;
/** Each try from a place of its own, so that budgets of places do not mix into what is tested. */
function elsewhere(): string {
  place += 1;
  return `198.51.100.${place}`;
}
const confirm = (email: string, code: string, source = elsewhere()) =>
  codeOf(confirmEmail(identity.deps, { ...facts, email, code, source }));
const resend = (email: string) => codeOf(resendCode(identity.deps, { email, requestId: facts.requestId }));
const wrong = (code: string) => (code === "000000" ? "111111" : "000000");

test("the code confirms the address once, and the move is in the journal", async () => {
  const { user_id: userId } = await identity.register("ada@example.com");
  const code = await identity.newestCode("ada@example.com");
  assert.equal(await confirm("ada@example.com", code), "(no error)");
  const user = await identity.getUser("ada@example.com");
  assert.equal(user.status, "not_verified");
  assert.deepEqual(user.email_verified_at, identity.clock.now());
  assert.deepEqual(await identity.actionsOf(userId), ["user.registered", "user.email-confirmed"]);
  assert.equal(await confirm("ada@example.com", code), "invalid-confirmation-code");
});

test("of 64 parallel confirmations, one succeeds and the journal has one move", async () => {
  const { user_id: userId } = await identity.register("race@example.com");
  const code = await identity.newestCode("race@example.com");
  const results = await Promise.all(Array.from({ length: 64 }, () => confirm("race@example.com", code)));
  assert.equal(results.filter((result) => result === "(no error)").length, 1);
  assert.equal(results.filter((result) => result === "invalid-confirmation-code").length, 63);
  assert.equal((await identity.actionsOf(userId)).filter((action) => action === "user.email-confirmed").length, 1);
});

test("unknown, wrong, expired and tried out are one refusal", async () => {
  await identity.register("lost@example.com");
  const code = await identity.newestCode("lost@example.com");
  assert.equal(await confirm("nobody@example.com", code), "invalid-confirmation-code");
  for (let index = 0; index < 5; index += 1)
    assert.equal(await confirm("lost@example.com", wrong(code)), "invalid-confirmation-code");
  assert.equal(await confirm("lost@example.com", code), "invalid-confirmation-code");
  await identity.register("late@example.com");
  const late = await identity.newestCode("late@example.com");
  identity.clock.advanceSeconds(601);
  assert.equal(await confirm("late@example.com", late), "invalid-confirmation-code");
});

test("one place may not try codes without end", async () => {
  await Promise.all(Array.from({ length: 50 }, () => confirm("nobody@example.com", "123456", "203.0.113.1")));
  assert.equal(await confirm("nobody@example.com", "123456", "203.0.113.1"), "too-many-requests");
  assert.equal(await confirm("nobody@example.com", "123456", "203.0.113.2"), "invalid-confirmation-code");
});

test("a resent code replaces the first; there is a minute between two and three codes in a quarter of an hour", async () => {
  await identity.register("again@example.com");
  const first = await identity.newestCode("again@example.com");
  assert.equal(await resend("again@example.com"), "(no error)");
  const second = await identity.newestCode("again@example.com");
  if (first !== second) assert.equal(await confirm("again@example.com", first), "invalid-confirmation-code");
  assert.equal(await resend("again@example.com"), "too-many-requests");
  identity.clock.advanceSeconds(60);
  assert.equal(await resend("again@example.com"), "(no error)");
  identity.clock.advanceSeconds(60);
  assert.equal(await resend("again@example.com"), "too-many-requests");
  assert.equal(await confirm("again@example.com", await identity.newestCode("again@example.com")), "(no error)");
});

test("asking for a code tells nothing: unknown and confirmed addresses answer alike, budgets included, and get no mail", async () => {
  const before = identity.mails.length;
  for (const email of ["unknown@example.com", "ada@example.com"]) {
    assert.equal(await resend(email), "(no error)");
    assert.equal(await resend(email), "too-many-requests");
    assert.equal((await identity.newestCode(email)) === "" || email === "ada@example.com", true);
  }
  assert.equal(identity.mails.length, before);
});
