import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { UserCaller } from "../access/index.ts";
import { attachDelivery } from "./attach-delivery.ts";
import { inspectDelivery } from "./inspect-delivery.ts";
import { decisionBody, eventBody, type KycUnderTest, setUpKyc, signed } from "./kyc-for-tests.ts";
import { pruneDeliveries } from "./prune-deliveries.ts";
import { replayDelivery } from "./replay-delivery.ts";
import { findRaw } from "./seal-raw.ts";
import { verdictReport } from "./second-provider-for-tests.ts";
import type { SessionRow } from "./tables.ts";

let room: KycUnderTest;
let operator: UserCaller;
before(async () => {
  room = await setUpKyc();
  const { user_id: userId, id } = await room.addUser({ role: "super-admin", type: "internal-admin", status: "active" });
  operator = { kind: "user", userId, id, role: "super-admin", type: "internal-admin", permissions: [] } as never;
});
after(() => room.database.drop());

/** Everything that a replay might change. */
async function everything() {
  const { db } = room.kyc;
  const [users, sessions, deliveries, observations, messages] = await Promise.all([
    db.selectFrom("users").selectAll().orderBy("user_id").execute(),
    db.selectFrom("kyc_sessions").selectAll().orderBy("session_id").execute(),
    db.selectFrom("webhook_deliveries").selectAll().orderBy("delivery_id").execute(),
    db.selectFrom("kyc_observations").selectAll().orderBy("observation_id").execute(),
    db.selectFrom("messages").selectAll().orderBy("message_id").execute(),
  ]);
  return { users, sessions, deliveries, observations, messages };
}

const refused = (code: string) => (error: { declaration?: { code: string } }) => error.declaration?.code === code;

const replay = (deliveryId: string) =>
  replayDelivery(room.kyc, { deliveryId, reason: "after an update", caller: operator, requestId: randomUUID() });

const attach = (deliveryId: string, userId: string, caller = operator) =>
  attachDelivery(room.kyc, { deliveryId, userId, reason: "told on the phone", caller, requestId: randomUUID() });

/** The newest delivery of an outcome. */
const newest = (outcome: string) =>
  room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("outcome", "=", outcome)
    .orderBy("received_at", "desc")
    .orderBy("delivery_id", "desc")
    .executeTakeFirstOrThrow();

/** A delivery about a session that nobody knows, naming somebody in a form of old. */
async function deliverStray(more: Record<string, unknown> = {}) {
  const stray = { provider_session_id: randomUUID(), user_id: "legacy-4711" } as SessionRow;
  await room.deliver(decisionBody(stray, "approved", 1, more));
  const row = await room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("provider_session_id", "=", stray.provider_session_id)
    .executeTakeFirstOrThrow();
  return { stray, deliveryId: row.delivery_id };
}

test("a replay of the whole inbox changes nothing, twice over, and is journalled", async () => {
  const people = await Promise.all([1, 2, 3, 4].map(() => room.addUser()));
  for (const [index, user] of people.entries()) {
    const session = await room.openSession(user);
    const bodies = [
      eventBody(session, "started"),
      eventBody(session, "submitted"),
      decisionBody(session, index % 2 ? "approved" : "declined", 5),
      decisionBody(session, "review", 1),
      decisionBody(session, "approved", 3, { vendorData: randomUUID() }),
      decisionBody(session, "approved", 4, { status: "never seen" }),
    ];
    for (const body of bodies.slice(index)) {
      room.clock.advanceSeconds(0.003);
      await room.deliver(body);
    }
    const [bridge] = [await room.openSession(user, { provider: "bridge" })];
    const report = verdictReport(index === 3 ? "paused" : "in-review", 7);
    await room.deliverSecond({ eventId: `wh_${index}`, session: bridge.provider_session_id, report });
    await room.openSession(user, { restart: true });
  }
  await deliverStray();
  await room.deliver(Buffer.from("no json"));
  const before = await everything();
  for (const round of [1, 2]) {
    room.clock.advanceSeconds(60);
    for (const { delivery_id } of before.deliveries) {
      assert.deepEqual(await replay(delivery_id), { changed: false }, `round ${round}`);
    }
    assert.deepEqual(await everything(), before);
  }
  const entries = await room.kyc.db
    .selectFrom("journal_entries")
    .select(["actor_id", "subject_kind"])
    .where("action", "=", "kyc.delivery-replayed")
    .execute();
  assert.equal(entries.length, 2 * before.deliveries.length);
  assert.ok(entries.every(({ actor_id }) => actor_id === operator.userId));
});

test("what an earlier version did not understand counts when it is replayed, once", async () => {
  const user = await room.addUser();
  const session = await room.openSession(user);
  const { veriff } = room.kyc.providers;
  const old = {
    ...veriff,
    readWebhook: (body: Buffer) => ({ ...veriff.readWebhook(body), kind: "unknown" as const, why: "x" }),
  };
  const { delivery } = signed(decisionBody(session, "approved", 1));
  await room.kyc.receiveWebhook({ provider: old, delivery, requestId: "r" });
  assert.equal((await room.getUser(user.user_id)).status, "not_verified");
  const { delivery_id } = await newest("unknown");
  assert.deepEqual(await replay(delivery_id), { changed: true });
  assert.equal((await room.getUser(user.user_id)).status, "active");
  assert.deepEqual(await replay(delivery_id), { changed: false });
  assert.deepEqual(
    (await room.messagesTo(user.user_id)).map(({ template }) => template),
    ["kyc-approved"],
  );
});

test("a delivery that was not understood and has no session waits for it after its replay", async () => {
  const user = await room.addUser();
  const { veriff } = room.kyc.providers;
  const old = {
    ...veriff,
    readWebhook: (body: Buffer) => ({ ...veriff.readWebhook(body), kind: "unknown" as const, why: "x" }),
  };
  const stray = { provider_session_id: randomUUID(), user_id: user.user_id } as SessionRow;
  await room.kyc.receiveWebhook({ provider: old, ...signed(decisionBody(stray, "approved", 1)), requestId: "r" });
  const { delivery_id } = await newest("unknown");
  assert.deepEqual(await replay(delivery_id), { changed: true });
  assert.equal((await newest("unmatched")).delivery_id, delivery_id);
});

test("what is forged, gone or not there is not replayed", async () => {
  const forged = { body: Buffer.from("{}"), headers: { "x-hmac-signature": "0".repeat(64) } };
  await assert.rejects(
    room.kyc.receiveWebhook({ provider: room.kyc.providers.veriff, delivery: forged, requestId: "r" }),
  );
  await assert.rejects(replay((await newest("refused")).delivery_id), refused("delivery-not-replayable"));
  await assert.rejects(replay(randomUUID()), refused("delivery-not-found"));
});

test("an unmatched delivery is attached: its session is made, the body is sealed for the person, and it counts", async () => {
  const user = await room.addUser();
  const { stray, deliveryId } = await deliverStray();
  await room.deliver(eventBody(stray, "submitted"));
  await attach(deliveryId, user.user_id);
  const found = await room.getUser(user.user_id);
  assert.deepEqual([found.status, found.kyc_session_id], ["active", stray.provider_session_id]);
  const kept = await room.kyc.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("provider_session_id", "=", stray.provider_session_id)
    .execute();
  assert.deepEqual(
    kept.map(({ user_id, sealed_for, outcome }) => [user_id, sealed_for, outcome === "unmatched"]),
    Array(2).fill([user.user_id, user.user_id, false]),
  );
  assert.deepEqual(await room.journalOf(user.user_id), [
    "kyc.delivery-attached",
    "kyc.decision-applied",
    "user.verification-approved",
    "kyc.delivery-kept",
  ]);
  // Later deliveries about the same session still name somebody in the form of old; the operator has settled that.
  await room.deliver(decisionBody(stray, "declined", 2));
  assert.equal((await room.getUser(user.user_id)).status, "rejected");
});

test("a delivery that names somebody else is attached to the person of its session, and to nobody else", async () => {
  const [user, other] = [await room.addUser(), await room.addUser()];
  const session = await room.openSession(user);
  await room.deliver(decisionBody(session, "approved", 1, { vendorData: "legacy-1" }));
  const { delivery_id } = await newest("foreign-subject");
  await assert.rejects(attach(delivery_id, other.user_id), refused("delivery-not-attachable"));
  await attach(delivery_id, user.user_id);
  assert.equal((await room.getUser(user.user_id)).status, "active");
  assert.equal((await room.getUser(other.user_id)).status, "not_verified");
  await assert.rejects(attach(delivery_id, user.user_id), refused("delivery-not-attachable"));
});

test("a session that is decided is not pushed aside by one that is attached", async () => {
  const user = await room.addUser();
  const session = await room.openSession(user);
  await room.deliver(decisionBody(session, "declined", 1));
  const { deliveryId } = await deliverStray();
  await attach(deliveryId, user.user_id);
  assert.equal((await room.getUser(user.user_id)).status, "rejected");
  assert.equal((await newest("session-only")).delivery_id, deliveryId);
});

test("nobody attaches a delivery to themselves, or to somebody who is not there", async () => {
  const { deliveryId } = await deliverStray();
  await assert.rejects(attach(deliveryId, operator.userId), refused("grant-refused"));
  await assert.rejects(attach(deliveryId, randomUUID()), refused("user-not-found"));
  await assert.rejects(attach(randomUUID(), (await room.addUser()).user_id), refused("delivery-not-found"));
  assert.equal((await newest("unmatched")).delivery_id, deliveryId);
});

test("one delivery attached to 64 people at once goes to one of them", async () => {
  const { deliveryId } = await deliverStray();
  const people = await Promise.all(Array.from({ length: 64 }, () => room.addUser()));
  const ends = await Promise.allSettled(people.map(({ user_id }) => attach(deliveryId, user_id)));
  assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 1);
  const cleared = await Promise.all(people.map(({ user_id }) => room.getUser(user_id)));
  assert.equal(cleared.filter(({ status }) => status === "active").length, 1);
});

test("an operator sees the structure of a body, and nothing of the person", async () => {
  const user = await room.addUser();
  const session = await room.openSession(user);
  const more = {
    person: { firstName: "CANARY", dateOfBirth: "1991-07-14", idNumber: "22334455667", yearOfBirth: 1991 },
  };
  await room.deliver(
    decisionBody(session, "declined", 1, { ...more, document: { number: "A0123", type: "PASSPORT" } }),
  );
  const { delivery_id } = await newest("applied");
  const shown = await inspectDelivery(room.kyc, delivery_id);
  const { verification } = shown.body as { verification: Record<string, unknown> };
  assert.deepEqual(
    [verification.status, verification.code, verification.reasonCode, verification.id, verification.vendorData],
    ["declined", 9102, 102, session.provider_session_id, user.user_id],
  );
  assert.match(String(verification.decisionTime), /^2026-03-02T/);
  assert.deepEqual(verification.person, { firstName: "***", dateOfBirth: "***", idNumber: "***", yearOfBirth: "***" });
  assert.deepEqual(verification.document, { number: "***", type: "PASSPORT" });
  assert.doesNotMatch(JSON.stringify(shown), /CANARY|22334455667|A0123|1991|tampering/);
});

test("after 90 days forged deliveries and bodies of nobody are gone; what belongs to somebody, and every hash, stays", async () => {
  const user = await room.addUser();
  const session = await room.openSession(user);
  await room.deliver(decisionBody(session, "approved", 1));
  const { stray, deliveryId } = await deliverStray();
  const forged = { body: Buffer.from("forged"), headers: {} };
  const { veriff } = room.kyc.providers;
  await assert.rejects(room.kyc.receiveWebhook({ provider: veriff, delivery: forged, requestId: "r" }));
  const rows = await room.count("webhook_deliveries");
  room.clock.advanceSeconds(90 * 24 * 3600 - 1);
  await pruneDeliveries(room.kyc);
  assert.equal((await newest("refused")).signature, "missing");
  room.clock.advanceSeconds(3600);
  await pruneDeliveries(room.kyc);
  const left = await room.kyc.db.selectFrom("webhook_deliveries").selectAll().execute();
  assert.ok(left.length < rows && left.every(({ outcome }) => outcome !== "refused"));
  assert.ok(left.every(({ raw_sealed, sealed_for }) => (raw_sealed === null) === (sealed_for === null)));
  const own = left.find(({ session_id }) => session_id === session.session_id);
  assert.ok(own && (await findRaw(room.kyc, room.kyc.db, own)));
  await assert.rejects(replay(deliveryId), refused("delivery-body-gone"));
  // A repeat is known for ever, and a session that appears now finds nothing to apply.
  await room.deliver(decisionBody(stray, "approved", 1));
  assert.equal((await room.kyc.db.selectFrom("webhook_deliveries").selectAll().execute()).length, left.length);
});
