import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import type { Once } from "../../foundation/database/index.ts";
import type { CallOutside } from "../../foundation/outbound/index.ts";
import { decisionBody, type KycUnderTest, opened, setUpKyc } from "./kyc-for-tests.ts";
import { createOpenSession, type SessionOrder } from "./open-session.ts";
import { findLink } from "./seal-link.ts";

let room: KycUnderTest;
before(async () => {
  room = await setUpKyc();
});
beforeEach(() => {
  room.answerWith(async () => opened());
  room.asked.length = 0;
});
after(() => room.database.drop());

const isError = (code: string) => (error: { declaration?: { code: string } }) => error.declaration?.code === code;
const unreachable: CallOutside = async () => ({
  kind: "failure",
  why: "unreachable",
  code: "ECONNREFUSED",
  attempts: 3,
});

function order(userId: string, more: Partial<SessionOrder> = {}): SessionOrder {
  return {
    userId,
    provider: "veriff",
    request: { callback: "https://usher.test/ekyc/return", purpose: "required" },
    restart: false,
    requestedBy: { kind: "user", id: userId },
    once: undefined,
    requestId: randomUUID(),
    check: () => {},
    ...more,
  };
}

const once = (key: string, body = "a"): Once => ({ keyHash: Buffer.from(key), requestHash: Buffer.from(body) });

const sessionsOf = (userId: string) =>
  room.kyc.db
    .selectFrom("kyc_sessions")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("created_at")
    .orderBy("session_id")
    .execute();

test("a new session is stored with its link sealed, told to the user record and journalled", async () => {
  const user = await room.addUser();
  const session = await room.openSession(user);
  assert.deepEqual([session.state, session.provider_status, session.purpose], ["created", "created", "required"]);
  const link = await findLink(room.kyc, room.kyc.db, session);
  assert.deepEqual(link, {
    url: `https://alchemy.veriff.test/v/${session.provider_session_id}`,
    sessionToken: `token-${session.provider_session_id}`,
  });
  assert.ok(!JSON.stringify(session).includes("alchemy"));
  const found = await room.getUser(user.user_id);
  assert.deepEqual(
    [found.status, found.kyc_session_id, found.kyc_status],
    ["not_verified", session.provider_session_id, "created"],
  );
  assert.deepEqual(await room.journalOf(user.user_id), ["kyc.session-created"]);
});

test("of the person only the user id goes out", async () => {
  const user = await room.addUser();
  await room.openSession(user);
  assert.deepEqual(
    room.asked.map((body) => JSON.parse(body)),
    [{ verification: { callback: "https://usher.test/ekyc/return", vendorData: user.user_id } }],
  );
});

test("an open session is given again, without asking the provider", async () => {
  const user = await room.addUser();
  const first = await room.openSession(user);
  const second = await room.openSession(user);
  assert.deepEqual(second, first);
  assert.equal(room.asked.length, 1);
});

test("64 parallel requests open one session, and all get it", async () => {
  const user = await room.addUser();
  const sessions = await Promise.all(Array.from({ length: 64 }, () => room.openSession(user)));
  assert.deepEqual([...new Set(sessions.map(({ session_id }) => session_id))].length, 1);
  assert.equal(room.asked.length, 1);
  assert.equal((await sessionsOf(user.user_id)).length, 1);
});

test("of 64 parallel requests at several processes one opens a session, the others are told to come back and get it", async () => {
  const user = await room.addUser();
  const allRefused = Promise.withResolvers<void>();
  room.answerWith(async () => {
    await allRefused.promise;
    return opened();
  });
  let refused = 0;
  const opening = Array.from({ length: 64 }, async () => {
    try {
      return await createOpenSession(room.kyc)(order(user.user_id));
    } catch (error) {
      assert.ok(isError("verification-starting")(error as object));
      refused += 1;
      if (refused === 63) allRefused.resolve();
      return undefined;
    }
  });
  const [session] = (await Promise.all(opening)).filter((one) => one !== undefined);
  assert.equal(refused, 63);
  assert.equal(room.asked.length, 1);
  assert.equal((await room.openSession(user)).session_id, session?.session_id);
});

test("restart opens a new session, and only the newer one counts", async () => {
  const user = await room.addUser();
  const first = await room.openSession(user);
  const second = await room.openSession(user, { restart: true });
  assert.notEqual(second.session_id, first.session_id);
  const [older, newer] = await sessionsOf(user.user_id);
  assert.deepEqual([older?.superseded_at !== null, newer?.superseded_at], [true, null]);
  assert.equal((await room.openSession(user)).session_id, second.session_id);
  assert.equal((await room.getUser(user.user_id)).kyc_session_id, second.provider_session_id);
});

test("a restart repeated with its Idempotency-Key opens one session; with another body the key is refused", async () => {
  const user = await room.addUser();
  await room.openSession(user);
  const restart = order(user.user_id, { restart: true, once: once(`key ${user.user_id}`) });
  const sessions = [
    await room.kyc.openSession(restart),
    await room.kyc.openSession(restart),
    await room.kyc.openSession({ ...restart, restart: true }),
  ];
  assert.equal(new Set(sessions.map(({ session_id }) => session_id)).size, 1);
  assert.equal(room.asked.length, 2);
  await assert.rejects(
    room.kyc.openSession({ ...restart, once: once(`key ${user.user_id}`, "b") }),
    isError("idempotency-key-reused"),
  );
  const other = await room.addUser();
  await assert.rejects(
    room.kyc.openSession({ ...restart, userId: other.user_id, once: once(`key ${user.user_id}`, "c") }),
    isError("idempotency-key-reused"),
  );
});

test("64 parallel restarts with one key open one session", async () => {
  const user = await room.addUser();
  await room.openSession(user);
  const restart = order(user.user_id, { restart: true, once: once(`parallel ${user.user_id}`) });
  const sessions = await Promise.all(Array.from({ length: 64 }, () => room.kyc.openSession(restart)));
  assert.equal(new Set(sessions.map(({ session_id }) => session_id)).size, 1);
  assert.equal(room.asked.length, 2);
});

test("after 24 hours a key is new again", async () => {
  const user = await room.addUser();
  const restart = order(user.user_id, { restart: true, once: once(`old ${user.user_id}`) });
  const first = await room.kyc.openSession(restart);
  room.clock.advanceSeconds(24 * 3600);
  const second = await room.kyc.openSession(restart);
  assert.notEqual(second.session_id, first.session_id);
});

test("a provider that cannot be reached leaves no trace: 503 with a time to come back, and the next try is free", async () => {
  const user = await room.addUser();
  room.answerWith(unreachable);
  await assert.rejects(
    room.openSession(user),
    (error: { declaration?: { code: string; status: number }; occurrence?: { retryAfterSeconds?: number } }) => {
      return (
        error.declaration?.code === "verification-provider-unavailable" &&
        error.declaration.status === 503 &&
        (error.occurrence?.retryAfterSeconds ?? 0) > 0
      );
    },
  );
  assert.deepEqual(await sessionsOf(user.user_id), []);
  assert.deepEqual(await room.journalOf(user.user_id), []);
  room.answerWith(async () => opened());
  assert.equal((await room.openSession(user)).state, "created");
});

test("a failed restart leaves the open session as it was", async () => {
  const user = await room.addUser();
  const first = await room.openSession(user);
  room.answerWith(unreachable);
  await assert.rejects(room.openSession(user, { restart: true }), isError("verification-provider-unavailable"));
  assert.deepEqual(await room.openSession(user), first);
});

test("the reservation of a process that died is taken over after a minute, not before", async () => {
  const user = await room.addUser();
  const died = createOpenSession({
    ...room.kyc,
    providers: { veriff: { ...room.kyc.providers.veriff, startSession: () => new Promise(() => {}) } },
  });
  void died(order(user.user_id));
  while ((await sessionsOf(user.user_id)).length === 0) await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(room.openSession(user), isError("verification-starting"));
  room.clock.advanceSeconds(61);
  const session = await room.openSession(user);
  assert.equal(session.state, "created");
  assert.equal((await sessionsOf(user.user_id)).length, 1);
});

test("a process that comes back after its reservation was taken over stores nothing", async () => {
  const user = await room.addUser();
  const answer = Promise.withResolvers<Awaited<ReturnType<CallOutside>>>();
  room.answerWith(() => answer.promise);
  const slow = createOpenSession(room.kyc)(order(user.user_id));
  while (room.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  room.clock.advanceSeconds(61);
  room.answerWith(async () => opened());
  const session = await room.openSession(user);
  answer.resolve(opened());
  await assert.rejects(slow, isError("verification-starting"));
  assert.deepEqual(
    (await sessionsOf(user.user_id)).map(({ session_id }) => session_id),
    [session.session_id],
  );
});

test("a session older than the provider keeps it is not given again", async () => {
  const user = await room.addUser();
  const first = await room.openSession(user);
  room.clock.advanceSeconds(7 * 24 * 3600);
  const second = await room.openSession(user);
  assert.notEqual(second.session_id, first.session_id);
});

test("what forbids a session is asked again after the call outside: nothing is stored", async () => {
  const user = await room.addUser();
  let asked = 0;
  const check = () => {
    asked += 1;
    if (asked === 2) throw new Error("not any more");
  };
  await assert.rejects(room.kyc.openSession(order(user.user_id, { check })), /not any more/);
  assert.deepEqual([room.asked.length, await sessionsOf(user.user_id)], [1, []]);
});

test("an approval of the older session during a restart counts until the new session is stored", async () => {
  const user = await room.addUser();
  const first = await room.openSession(user);
  room.answerWith(async () => {
    await room.deliver(decisionBody(first, "approved", 1));
    return unreachable({} as never);
  });
  await assert.rejects(room.openSession(user, { restart: true }), isError("verification-provider-unavailable"));
  assert.equal((await room.getUser(user.user_id)).status, "active");
});

test("answers of the provider that name no page, or a page without https, are not taken for a session", async () => {
  const bad = ["javascript:alert(1)", "http://alchemy.veriff.test/v/1", "", "//x", "veriff"];
  for (const url of bad) {
    const user = await room.addUser();
    room.answerWith(async () => {
      const answer = opened();
      assert.ok(answer.kind === "answer");
      const content = JSON.parse(answer.body.toString());
      content.verification.url = url;
      return { ...answer, headers: {}, body: Buffer.from(JSON.stringify(content)) };
    });
    await assert.rejects(room.openSession(user), isError("verification-provider-unavailable"), url);
    assert.deepEqual(await sessionsOf(user.user_id), []);
  }
});
