import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { UserStatus } from "../lifecycle/index.ts";
import type { UserRow } from "../users/index.ts";
import { account, decisionBody, eventBody, type KycUnderTest, opened, setUpKyc, signed } from "./kyc-for-tests.ts";
import { createReceiveWebhook } from "./receive-webhook.ts";
import { findRaw } from "./seal-raw.ts";
import type { SessionRow } from "./tables.ts";

let room: KycUnderTest;
before(async () => {
  room = await setUpKyc();
});
after(() => room.database.drop());

async function begin(more: { status?: UserStatus } = {}): Promise<{ user: UserRow; session: SessionRow }> {
  const user = await room.addUser();
  const session = await room.openSession(user);
  const { db } = room.kyc;
  if (more.status)
    await db.updateTable("users").set({ status: more.status }).where("user_id", "=", user.user_id).execute();
  return { user, session };
}

const deliveriesOf = (sessionId: string | null) =>
  room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("session_id", "=", sessionId)
    .orderBy("received_at")
    .execute();

const sessionOf = (session: SessionRow) =>
  room.kyc.db
    .selectFrom("kyc_sessions")
    .selectAll()
    .where("session_id", "=", session.session_id)
    .executeTakeFirstOrThrow();

test("an approval makes the user active, keeps the provider's time, and is journalled in the same transaction", async () => {
  const { user, session } = await begin();
  await room.deliver(eventBody(session, "started"));
  assert.equal((await room.getUser(user.user_id)).status, "pending_verification");
  const answer = await room.deliver(decisionBody(session, "approved", 512_345));
  assert.equal(answer.user?.lifecycle, "active");
  const found = await room.getUser(user.user_id);
  assert.deepEqual(
    [found.status, found.status_by, found.kyc_status, found.kyc_session_id],
    ["active", "veriff", "approved", session.provider_session_id],
  );
  assert.equal(found.kyc_approved_at?.toISOString(), "2026-03-02T11:02:09.512Z");
  assert.deepEqual(found.kyc_first_approved_at, found.kyc_approved_at);
  assert.deepEqual(await room.journalOf(user.user_id), [
    "kyc.session-created",
    "kyc.session-started",
    "user.verification-started",
    "kyc.decision-applied",
    "user.verification-approved",
  ]);
});

test("the raw body rests sealed with the person's key, byte for byte", async () => {
  const { user, session } = await begin();
  const body = Buffer.from(` ${JSON.stringify(decisionBody(session, "approved", 1))}\n`);
  await room.deliver(body);
  const [kept] = await deliveriesOf(session.session_id);
  assert.ok(kept?.raw_sealed);
  assert.equal(kept.sealed_for, user.user_id);
  assert.ok(!JSON.stringify(kept).includes("OKAFOR"));
  assert.deepEqual(await findRaw(room.kyc, room.kyc.db, kept), body);
});

test("1,000 parallel copies of one delivery have one effect, and every one is answered", async () => {
  const { user, session } = await begin();
  const body = decisionBody(session, "approved", 1);
  const answers = await Promise.all(Array.from({ length: 1000 }, () => room.deliver(body)));
  assert.ok(answers.every((answer) => answer.user?.user_id === user.user_id));
  const kept = await deliveriesOf(session.session_id);
  assert.deepEqual(
    kept.map(({ repeats, outcome }) => [repeats, outcome]),
    [[999, "applied"]],
  );
  const actions = await room.journalOf(user.user_id);
  assert.deepEqual(actions, ["kyc.session-created", "kyc.decision-applied", "user.verification-approved"]);
});

test("1,000 parallel copies for a session nobody knows are kept once", async () => {
  const body = decisionBody({ provider_session_id: randomUUID(), user_id: randomUUID() } as SessionRow, "approved", 1);
  const earlier = await room.count("webhook_deliveries");
  const answers = await Promise.all(Array.from({ length: 1000 }, () => room.deliver(body)));
  assert.ok(answers.every((answer) => answer.user === null));
  assert.equal((await room.count("webhook_deliveries")) - earlier, 1);
});

test("copies that arrive at several processes at once have one effect too", async () => {
  const { user, session } = await begin();
  const processes = Array.from({ length: 48 }, () => createReceiveWebhook(room.kyc));
  const { delivery } = signed(decisionBody(session, "approved", 1));
  const provider = room.kyc.providers.veriff;
  const answers = processes.flatMap((receive) =>
    [1, 2, 3].map((n) => receive({ provider, delivery, requestId: `r${n}` })),
  );
  for (const answer of await Promise.all(answers)) assert.equal(answer.user?.lifecycle, "active");
  assert.deepEqual(
    (await deliveriesOf(session.session_id)).map(({ repeats }) => repeats),
    [143],
  );
  assert.equal((await room.journalOf(user.user_id)).length, 3);
});

test("an exact repeat after other decisions changes nothing", async () => {
  const { user, session } = await begin();
  const approved = decisionBody(session, "approved", 1);
  await room.deliver(approved);
  await room.deliver(decisionBody(session, "declined", 2));
  const declined = await room.getUser(user.user_id);
  const answer = await room.deliver(approved);
  assert.equal(answer.user?.lifecycle, "rejected");
  assert.deepEqual(await room.getUser(user.user_id), declined);
});

test("many different deliveries for one person at once neither lock each other out nor get lost", async () => {
  const { user, session } = await begin();
  const optional = await room.openSession(user, { purpose: "optional" });
  const bodies = Array.from({ length: 30 }, (_, n) => [
    eventBody(session, n % 2 ? "started" : "submitted", `attempt-${n}`),
    decisionBody(session, n % 3 ? "approved" : "declined", n),
    decisionBody(optional, "review", n),
  ]).flat();
  await Promise.all(bodies.map((body) => room.deliver(body)));
  const found = await room.getUser(user.user_id);
  assert.equal(found.status, "active");
  assert.equal((await deliveriesOf(session.session_id)).length, 60);
});

test("a delivery whose signature does not hold is refused, kept once, and changes nothing", async () => {
  const { user, session } = await begin();
  const { delivery } = signed(decisionBody(session, "approved", 1));
  const before = await room.getUser(user.user_id);
  const forged = [
    { ...delivery, headers: {} },
    { ...delivery, headers: { "x-hmac-signature": "0".repeat(64) } },
    { ...delivery, body: Buffer.concat([delivery.body, Buffer.from(" ")]) },
  ];
  for (const one of forged) {
    for (let time = 0; time < 3; time += 1) {
      await assert.rejects(
        room.kyc.receiveWebhook({ provider: room.kyc.providers.veriff, delivery: one, requestId: "r" }),
        (error: { declaration?: { code: string; status: number } }) =>
          error.declaration?.code === "webhook-signature-invalid" && error.declaration.status === 401,
      );
    }
  }
  const refused = await room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("outcome", "=", "refused")
    .execute();
  assert.deepEqual(refused.map(({ signature, repeats }) => `${signature} ${repeats}`).sort(), [
    "invalid 2",
    "invalid 2",
    "missing 2",
  ]);
  assert.ok(
    refused.every(({ raw_sealed, sealed_for, user_id }) => raw_sealed && sealed_for === null && user_id === null),
  );
  assert.deepEqual(await room.getUser(user.user_id), before);
  assert.deepEqual(await deliveriesOf(session.session_id), []);
});

test("of a large body without a signature only hash and size are kept", async () => {
  const delivery = { body: Buffer.alloc(70_000, "x"), headers: { "x-hmac-signature": "1".repeat(64) } };
  await assert.rejects(room.kyc.receiveWebhook({ provider: room.kyc.providers.veriff, delivery, requestId: "r" }));
  const kept = await room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("detail", "like", "%70000%")
    .execute();
  assert.deepEqual(
    kept.map(({ raw_sealed, outcome }) => [raw_sealed, outcome]),
    [[null, "refused"]],
  );
});

test("the headers kept are those that tell something; the key that opens sessions is not among them", async () => {
  const { session } = await begin();
  const { delivery } = signed(eventBody(session, "started"));
  const headers = { ...delivery.headers, "x-auth-client": account.apiKey, cookie: "a=b", "user-agent": "veriff" };
  await room.kyc.receiveWebhook({
    provider: room.kyc.providers.veriff,
    delivery: { ...delivery, headers },
    requestId: "r",
  });
  const [kept] = await deliveriesOf(session.session_id);
  assert.deepEqual(kept?.headers, { ...delivery.headers, "user-agent": "veriff" });
});

test("signed garbage is acknowledged and kept: no JSON, no UTF-8, nothing at all", async () => {
  for (const body of [Buffer.from("no json"), Buffer.from([0xff, 0xfe, 0x00]), Buffer.alloc(0), Buffer.from("[]")]) {
    const answer = await room.deliver(body);
    assert.equal(answer.user, null);
  }
  const kept = await room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("outcome", "=", "unreadable")
    .execute();
  assert.equal(kept.length, 4);
});

test("decisions that are quicker than their session are applied when it appears, sealed anew for the person", async () => {
  const user = await room.addUser();
  const providerSessionId = randomUUID();
  const early = { provider_session_id: providerSessionId, user_id: user.user_id } as SessionRow;
  assert.equal((await room.deliver(decisionBody(early, "declined", 2))).user, null);
  assert.equal((await room.deliver(decisionBody(early, "approved", 1))).user, null);
  await room.deliver(eventBody(early, "started"));
  room.answerWith(async () => opened(providerSessionId));
  const session = await room.openSession(user);
  room.answerWith(async () => opened());
  assert.equal(session.state, "rejected");
  assert.equal((await room.getUser(user.user_id)).status, "rejected");
  const kept = await deliveriesOf(session.session_id);
  assert.deepEqual(
    kept.map(({ sealed_for, user_id }) => [sealed_for, user_id]),
    Array(3).fill([user.user_id, user.user_id]),
  );
  assert.equal((await room.deliver(decisionBody(early, "declined", 2))).user?.lifecycle, "rejected");
});

test("a delivery and its session stored in the same moment never miss each other", async () => {
  const users = await Promise.all(Array.from({ length: 40 }, () => room.addUser()));
  await Promise.all(
    users.map(async (user) => {
      const providerSessionId = user.user_id;
      const early = { provider_session_id: providerSessionId, user_id: user.user_id } as SessionRow;
      const delivered: Promise<unknown>[] = [];
      room.answerWith(async (call) => {
        const { verification } = JSON.parse(String(call.body));
        return opened(verification.vendorData);
      });
      const session = room.openSession(user);
      for (let n = 0; n < 8; n += 1) {
        delivered.push(
          new Promise((resolve) => setImmediate(resolve)).then(() => room.deliver(decisionBody(early, "approved", n))),
        );
        await delivered.at(-1);
      }
      await Promise.all([session, ...delivered]);
      assert.equal((await room.getUser(user.user_id)).status, "active");
    }),
  );
  room.answerWith(async () => opened());
  const waiting = room.kyc.db.selectFrom("webhook_deliveries").select("delivery_id").where("outcome", "=", "unmatched");
  const left = await waiting
    .where(
      "provider_session_id",
      "in",
      users.map(({ user_id }) => user_id),
    )
    .execute();
  assert.deepEqual(left, []);
});

test("vendorData that names another person is kept without effect, and shows nobody", async () => {
  const { user, session } = await begin();
  for (const vendorData of [randomUUID(), "someone@example.com", "x"]) {
    const answer = await room.deliver(decisionBody(session, "approved", 1, { vendorData }));
    assert.equal(answer.user, null);
  }
  assert.equal((await room.getUser(user.user_id)).status, "not_verified");
  const kept = await deliveriesOf(session.session_id);
  assert.deepEqual(
    kept.map(({ outcome, user_id, sealed_for }) => [outcome, user_id, sealed_for]),
    Array(3).fill(["foreign-subject", null, null]),
  );
});

test("vendorData may be the user id, the e-mail address in any case, or nothing", async () => {
  const hints: ((user: UserRow) => unknown)[] = [
    (user) => user.user_id.toUpperCase(),
    (user) => user.email?.toUpperCase(),
    () => null,
    () => undefined,
  ];
  for (const hint of hints) {
    const { user, session } = await begin();
    await room.deliver(decisionBody(session, "approved", 1, { vendorData: hint(user) }));
    assert.equal((await room.getUser(user.user_id)).status, "active");
  }
});

test("contradictory pairs and unknown statuses are kept with their person, and change nothing", async () => {
  const { user, session } = await begin();
  const answer = await room.deliver({ ...decisionBody(session, "approved", 1), status: "fail" });
  assert.equal(answer.user?.user_id, user.user_id);
  await room.deliver(decisionBody(session, "approved", 1, { status: "approved_with_love" }));
  assert.equal((await room.getUser(user.user_id)).status, "not_verified");
  const kept = await deliveriesOf(session.session_id);
  assert.deepEqual(kept.map(({ outcome }) => outcome).sort(), ["contradictory", "unknown"]);
});

test("while a person is inactive, blocked, closed or sandbox a verdict is recorded and moves nothing", async () => {
  for (const status of ["inactive", "blocked", "closed", "sandbox"] as const) {
    const { user, session } = await begin({ status });
    await room.deliver(decisionBody(session, "approved", 1));
    const found = await room.getUser(user.user_id);
    assert.deepEqual(
      [found.status, found.kyc_status, (await sessionOf(session)).state],
      [status, "approved", "success"],
    );
  }
});

test("a rejection by an operator is not lifted by the provider's approval; the provider's own is", async () => {
  const { user, session } = await begin();
  await room.kyc.db
    .updateTable("users")
    .set({ status: "rejected", status_by: "operator" })
    .where("user_id", "=", user.user_id)
    .execute();
  await room.deliver(decisionBody(session, "approved", 1));
  assert.equal((await room.getUser(user.user_id)).status, "rejected");
  const other = await begin();
  await room.deliver(decisionBody(other.session, "declined", 1));
  await room.deliver(decisionBody(other.session, "approved", 2));
  const found = await room.getUser(other.user.user_id);
  assert.deepEqual([found.status, found.kyc_failure_reason], ["active", null]);
});

test("a late decision about an older session leaves the person where the newer session put them", async () => {
  const { user, session } = await begin();
  await room.deliver(eventBody(session, "started"));
  const newer = await room.openSession(user, { restart: true });
  const answer = await room.deliver(decisionBody(session, "approved", 9));
  assert.equal(answer.user?.lifecycle, "pending_verification");
  const [, late] = await deliveriesOf(session.session_id);
  assert.equal(late?.outcome, "session-only");
  const found = await room.getUser(user.user_id);
  assert.deepEqual(
    [found.status, found.kyc_session_id, found.kyc_approved_at],
    ["pending_verification", newer.provider_session_id, null],
  );
});

test("an optional session sets and clears its own flag and never moves the person", async () => {
  const user = await room.addUser({ status: "active" });
  const session = await room.openSession(user, { purpose: "optional" });
  await room.deliver(eventBody(session, "started"));
  await room.deliver(decisionBody(session, "approved", 1));
  const approved = await room.getUser(user.user_id);
  assert.deepEqual(
    [approved.status, approved.optional_kyc_at?.toISOString(), approved.kyc_status],
    ["active", "2026-03-02T11:02:09.000Z", null],
  );
  await room.deliver(decisionBody(session, "declined", 2));
  const declined = await room.getUser(user.user_id);
  assert.deepEqual([declined.status, declined.optional_kyc_at], ["active", null]);
});

test("of an erased person nothing is kept but that something came", async () => {
  const { user, session } = await begin();
  const { db } = room.kyc;
  await db.transaction().execute(async (trx) => {
    await room.kyc.personKeys.destroyKeys(trx, user.user_id);
    await trx
      .updateTable("users")
      .set({ erased_at: room.clock.now(), status: "closed" })
      .where("user_id", "=", user.user_id)
      .execute();
  });
  const answer = await room.deliver(decisionBody(session, "approved", 1));
  assert.equal(answer.user?.lifecycle, "closed");
  const [kept] = await deliveriesOf(session.session_id);
  assert.deepEqual([kept?.outcome, kept?.raw_sealed], ["subject-erased", null]);
});

test("the fallen row of a transaction that failed half-way leaves no delivery behind", async () => {
  const { session } = await begin();
  const journal = { ...room.kyc.journal, recordAll: () => Promise.reject(new Error("no journal")) };
  const { delivery } = signed(decisionBody(session, "approved", 1));
  await assert.rejects(
    createReceiveWebhook({ ...room.kyc, journal })({ provider: room.kyc.providers.veriff, delivery, requestId: "r" }),
  );
  assert.deepEqual(await deliveriesOf(session.session_id), []);
  await room.deliver(delivery.body);
  assert.equal((await sessionOf(session)).state, "success");
});
