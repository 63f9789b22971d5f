import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { SessionRow } from "../kyc/index.ts";
import { decisionBody, eventBody, type KycUnderTest, setUpKyc } from "../kyc/kyc-for-tests.ts";
import type { UserRow } from "../users/index.ts";
import { getCurrentRequest, listUserSessions, readStatus, startSession } from "./index.ts";

let room: KycUnderTest;
before(async () => {
  room = await setUpKyc();
});
after(() => room.database.drop());

const start = (user: UserRow, more: { restart?: boolean; callback?: string; purpose?: "required" | "optional" } = {}) =>
  startSession(room.kyc, {
    userId: user.user_id,
    requestedBy: { kind: "user", id: user.user_id },
    once: undefined,
    requestId: randomUUID(),
    ...more,
  });

/** A session as the provider knows it. */
const at = (user: UserRow, session: { id: string }) =>
  ({ provider_session_id: session.id, user_id: user.user_id }) as SessionRow;

const empty = { started: null, rejected: null, success: null, expired: null, submitted: null, created: null };

test("a started session has the seven fields of its kind and can be opened by its link", async () => {
  const user = await room.addUser();
  const session = await start(user);
  assert.deepEqual(session, {
    url: `https://alchemy.veriff.test/v/${session.id}`,
    sessionToken: `token-${session.id}`,
    id: session.id,
    status: "created",
    creation_date: room.clock.now().toISOString(),
    modified_date: room.clock.now().toISOString(),
    original_request: { callback: "https://usher.test/ekyc/return", purpose: "required" },
  });
  assert.deepEqual(await start(user), session);
});

test("a person without sessions: no list, and a status with empty slots", async () => {
  const user = await room.addUser();
  await assert.rejects(listUserSessions(room.kyc, { userId: user.user_id, withLinks: true }), /no-ekyc-sessions/);
  await assert.rejects(getCurrentRequest(room.kyc, user.user_id), /no-ekyc-sessions/);
  assert.deepEqual(await readStatus(room.kyc, user.user_id), {
    timestamp: room.clock.now().toISOString(),
    total_sessions: 0,
    verification: null,
    ...empty,
  });
});

test("sessions are listed newest first, with links to the person only and only while open", async () => {
  const user = await room.addUser();
  const first = await start(user);
  room.clock.advanceSeconds(1);
  const second = await start(user, { restart: true, callback: "https://app.test/done" });
  const { id, sessions } = await listUserSessions(room.kyc, { userId: user.user_id, withLinks: true });
  assert.equal(id, user.user_id);
  assert.deepEqual(
    Object.values(sessions).map((session) => [session.id, session.url !== undefined]),
    [
      [second.id, true],
      [first.id, false],
    ],
  );
  const shown = await listUserSessions(room.kyc, { userId: user.user_id, withLinks: false });
  assert.ok(!JSON.stringify(shown).includes("alchemy"));
  assert.deepEqual(await getCurrentRequest(room.kyc, user.user_id), {
    callback: "https://app.test/done",
    purpose: "required",
  });
});

test("the status follows the session through its states, and each slot holds the newest of its state", async () => {
  const user = await room.addUser();
  const first = await start(user);
  assert.equal((await readStatus(room.kyc, user.user_id)).verification, null);
  await room.deliver(eventBody(at(user, first), "started"));
  assert.equal((await readStatus(room.kyc, user.user_id)).verification?.status, "started");
  await room.deliver(eventBody(at(user, first), "submitted"));
  assert.equal((await readStatus(room.kyc, user.user_id)).verification?.status, "submitted");
  await room.deliver(decisionBody(at(user, first), "abandoned", 1));
  const abandoned = await readStatus(room.kyc, user.user_id);
  assert.deepEqual(abandoned.verification, {
    status: "abandoned",
    reason: null,
    timestamp: "2026-03-02T11:02:09.000Z",
  });
  assert.deepEqual([abandoned.expired?.id, abandoned.total_sessions], [first.id, 1]);
  room.clock.advanceSeconds(1);
  const second = await start(user);
  const { status } = await room.getUser(user.user_id);
  assert.deepEqual([second.id === first.id, status], [false, "not_verified"]);
  await room.deliver(decisionBody(at(user, second), "declined", 2));
  const declined = await readStatus(room.kyc, user.user_id);
  assert.deepEqual(
    [declined.verification?.status, declined.verification?.reason],
    ["rejected", "Suspected document tampering"],
  );
  assert.deepEqual([declined.rejected?.id, declined.expired?.id, declined.created], [second.id, first.id, null]);
  assert.equal(declined.rejected?.url, undefined);
});

test("a request to resubmit is started again, a review is submitted", async () => {
  const user = await room.addUser();
  const session = await start(user);
  await room.deliver(
    decisionBody(at(user, session), "resubmission_requested", 1, { reason: "Full document not visible" }),
  );
  assert.deepEqual((await readStatus(room.kyc, user.user_id)).verification?.reason, "Full document not visible");
  assert.equal((await readStatus(room.kyc, user.user_id)).started?.id, session.id);
  await room.deliver(decisionBody(at(user, session), "review", 2));
  assert.equal((await readStatus(room.kyc, user.user_id)).verification?.status, "submitted");
});

test("a rejected or active person starts nothing; an active one may start an optional session", async () => {
  const user = await room.addUser();
  const session = await start(user);
  await room.deliver(decisionBody(at(user, session), "approved", 1));
  await assert.rejects(start(user), /verification-not-allowed/);
  const optional = await start(user, { purpose: "optional" });
  assert.notEqual(optional.id, session.id);
  assert.equal((await readStatus(room.kyc, user.user_id)).verification?.status, "success");
  await room.deliver(decisionBody(at(user, session), "declined", 2));
  await assert.rejects(start(user), /verification-not-allowed/);
});

test("a callback elsewhere is refused before anything is reserved or asked", async () => {
  const user = await room.addUser();
  const asked = room.asked.length;
  await assert.rejects(start(user, { callback: "https://evil.test/" }), /invalid-request/);
  assert.deepEqual([room.asked.length, (await readStatus(room.kyc, user.user_id)).total_sessions], [asked, 0]);
});
