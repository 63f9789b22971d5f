import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { claimDueSessions, makeOpenSessionsDue } from "./checks.queries.ts";
import { describeProviders } from "./describe-providers.ts";
import { answered, decisionBody, eventBody, type KycUnderTest, opened, setUpKyc } from "./kyc-for-tests.ts";
import { reconcileSessions } from "./reconcile-sessions.ts";
import { forgetSessions, getSession } from "./sessions.queries.ts";
import type { SessionRow } from "./tables.ts";

const hour = 3600;
const day = 24 * hour;

let room: KycUnderTest;
/** What the provider says of a session: a decision's body, null for none yet, or a status of its own. */
const words = new Map<string, unknown>();
let asked: string[] = [];
let down = false;
let trial = async () => {};

before(async () => {
  room = await setUpKyc();
  room.answerWith(async (call) => {
    await trial();
    if (down) return { kind: "failure", why: "timed-out", code: undefined, attempts: 3 };
    if (call.method === "POST") return opened();
    const id = call.url.split("/").at(-2) ?? "";
    asked.push(id);
    const word = words.get(id) ?? null;
    if (typeof word === "number") return answered(word, { status: "fail", code: "1104" });
    return answered(200, word ?? { status: "success", verification: null });
  });
});
after(() => room.database.drop());

const turn = () => reconcileSessions(room.kyc);

/** Leaves everything that other tests made with nothing due. */
async function quieten(): Promise<void> {
  await room.database.db.updateTable("kyc_sessions").set({ next_check_at: null, state: "expired" }).execute();
  asked = [];
}

async function openOne() {
  const user = await room.addUser();
  return { user, session: await room.openSession(user) };
}

const askedAbout = ({ provider_session_id: id }: SessionRow) => asked.filter((one) => one === id).length;
const stateOf = async ({ session_id }: SessionRow) => (await getSession(room.database.db, session_id)).state;
const statusOf = async (userId: string) => (await room.getUser(userId)).status;

test("a decision whose webhook was lost is fetched once the session is silent for 15 minutes, and has its full effect", async () => {
  await quieten();
  const { user, session } = await openOne();
  await room.deliver(eventBody(session, "submitted"));
  words.set(session.provider_session_id ?? "", decisionBody(session, "approved", 5));
  room.clock.advanceSeconds(15 * 60 - 1);
  assert.deepEqual(await turn(), { asked: 0, drifts: 0, expired: 0, unclear: 0, failed: 0 });
  room.clock.advanceSeconds(1);
  assert.deepEqual(await turn(), { asked: 1, drifts: 1, expired: 0, unclear: 0, failed: 0 });
  const { status, kyc_approved_at, kyc_status } = await room.getUser(user.user_id);
  assert.deepEqual(
    [status, kyc_status, kyc_approved_at?.toISOString(), await stateOf(session)],
    ["active", "approved", "2026-03-02T11:02:09.000Z", "success"],
  );
  assert.ok((await room.journalOf(user.user_id)).includes("kyc.decision-reconciled"));
  const observations = await room.count("kyc_observations");
  await room.deliver(decisionBody(session, "approved", 5));
  assert.equal(await stateOf(session), "success", "the webhook that comes after all changes nothing");
  assert.equal(await room.count("kyc_observations"), observations + 1);
});

test("without news a session is asked about less and less often, and nothing is written to the journal", async () => {
  await quieten();
  const { session } = await openOne();
  await room.deliver(eventBody(session, "started"));
  const entries = await room.count("journal_entries");
  const moments: number[] = [];
  for (let minute = 0; minute < 3 * 24 * 60; minute += 15) {
    room.clock.advanceSeconds(15 * 60);
    if ((await turn()).asked > 0) moments.push((minute + 15) / 60);
  }
  assert.deepEqual(moments, [0.25, 1.25, 7.25, 31.25, 55.25]);
  assert.equal(await room.count("journal_entries"), entries);
});

test("the same answer again has no effect, however often it is given", async () => {
  await quieten();
  const { user, session } = await openOne();
  words.set(session.provider_session_id ?? "", decisionBody(session, "review", 1));
  room.clock.advanceSeconds(3 * hour);
  assert.equal((await turn()).drifts, 1);
  const before_ = [await room.count("journal_entries"), await room.count("kyc_observations")];
  for (const wait of [0.25, 1, 6, 24, 24]) {
    room.clock.advanceSeconds(wait * hour);
    assert.deepEqual([(await turn()).asked, await stateOf(session)], [1, "submitted"]);
  }
  assert.deepEqual([await room.count("journal_entries"), await room.count("kyc_observations")], before_);
  assert.equal(await statusOf(user.user_id), "pending_verification");
});

test("decisions are asked about again after a day, a week and a month: what changed is drift, recorded and healed", async () => {
  await quieten();
  const { user, session } = await openOne();
  await room.deliver(decisionBody(session, "approved", 1));
  words.set(session.provider_session_id ?? "", decisionBody(session, "approved", 1));
  room.clock.advanceSeconds(day);
  assert.deepEqual([(await turn()).asked, askedAbout(session)], [1, 1]);
  words.set(session.provider_session_id ?? "", decisionBody(session, "declined", 2));
  room.clock.advanceSeconds(7 * day);
  assert.equal((await turn()).drifts, 1);
  assert.deepEqual([await statusOf(user.user_id), await stateOf(session)], ["rejected", "rejected"]);
  const [veriff] = (await describeProviders(room.kyc)).providers;
  assert.equal(veriff?.reconciliation.lastDriftAt?.toISOString(), room.clock.now().toISOString());
  for (const wait of [1, 7, 30, 30, 300]) {
    room.clock.advanceSeconds(wait * day);
    await turn();
  }
  assert.equal(askedAbout(session), 2 + 3, "after the month it is left alone");
});

test("a session that the provider lets die undecided is expired by us, and a decision that comes after all still wins", async () => {
  await quieten();
  const { user, session } = await openOne();
  await room.deliver(eventBody(session, "started"));
  assert.equal(await statusOf(user.user_id), "pending_verification");
  let expired = 0;
  for (let days = 0; days < 6; days += 1) {
    room.clock.advanceSeconds(day);
    expired += (await turn()).expired;
  }
  assert.deepEqual([expired, await stateOf(session)], [0, "started"]);
  room.clock.advanceSeconds(day);
  assert.equal((await turn()).expired, 1);
  assert.deepEqual([await stateOf(session), await statusOf(user.user_id)], ["expired", "not_verified"]);
  assert.ok((await room.journalOf(user.user_id)).includes("kyc.session-expired"));
  await room.deliver(decisionBody(session, "approved", 9));
  assert.deepEqual([await stateOf(session), await statusOf(user.user_id)], ["success", "active"]);
});

test("an expiry also ends what a request to resubmit left open, and while documents are worked on the time begins anew", async () => {
  await quieten();
  const { user, session } = await openOne();
  room.clock.advanceSeconds(5 * day);
  await room.deliver(decisionBody(session, "resubmission_requested", 3));
  for (let days = 0; days < 6; days += 1) {
    room.clock.advanceSeconds(day);
    assert.equal((await turn()).expired, 0);
  }
  room.clock.advanceSeconds(day);
  assert.equal((await turn()).expired, 1);
  assert.deepEqual([await stateOf(session), await statusOf(user.user_id)], ["expired", "not_verified"]);
  await room.deliver(decisionBody(session, "declined", 4));
  assert.equal(await statusOf(user.user_id), "rejected");
});

test("a session that the provider does not know (404) counts as undecided", async () => {
  await quieten();
  const { session } = await openOne();
  words.set(session.provider_session_id ?? "", 404);
  room.clock.advanceSeconds(3 * hour);
  assert.deepEqual(await turn(), { asked: 1, drifts: 0, expired: 0, unclear: 0, failed: 0 });
  room.clock.advanceSeconds(8 * day);
  assert.equal((await turn()).expired, 1);
});

test("what is not understood is counted and changes nothing: contradictions, unknown words, other sessions, other people", async () => {
  await quieten();
  const strange = [
    (session: SessionRow) => ({ ...decisionBody(session, "approved", 1), status: "fail" }),
    (session: SessionRow) => decisionBody(session, "approved", 1, { status: "sleeping" }),
    (session: SessionRow) => decisionBody(session, "approved", 1, { id: "another" }),
    (session: SessionRow) => decisionBody(session, "approved", 1, { vendorData: "someone@else.test" }),
  ];
  for (const body of strange) {
    const { user, session } = await openOne();
    words.set(session.provider_session_id ?? "", body(session));
    room.clock.advanceSeconds(3 * hour);
    assert.deepEqual(await turn(), { asked: 1, drifts: 0, expired: 0, unclear: 1, failed: 0 });
    assert.deepEqual([await stateOf(session), await statusOf(user.user_id)], ["created", "not_verified"]);
    await quieten();
  }
});

test("two processes at once ask about each session once", async () => {
  await quieten();
  const sessions = [];
  for (let index = 0; index < 20; index += 1) sessions.push((await openOne()).session);
  room.clock.advanceSeconds(3 * hour);
  const turns = await Promise.all([turn(), turn(), turn()]);
  assert.equal(
    turns.reduce((sum, { asked: count }) => sum + count, 0),
    20,
  );
  assert.deepEqual(sessions.map(askedAbout), Array(20).fill(1));
});

test("who comes for due sessions passes by those that another is just taking, without waiting", async () => {
  await quieten();
  for (let index = 0; index < 3; index += 1) await openOne();
  const plan = { provider: "veriff", dueBy: room.clock.now(), leaseUntil: room.clock.now(), limit: 2 } as const;
  const { db } = room.database;
  await makeOpenSessionsDue(db, "veriff", room.clock.now());
  await db.transaction().execute(async (first) => {
    const taken = await claimDueSessions(first, plan);
    const others = await db.transaction().execute(async (second) => {
      await sql`set local lock_timeout = '2s'`.execute(second);
      return claimDueSessions(second, plan);
    });
    const ids = [...taken, ...others].map(({ session_id }) => session_id);
    assert.deepEqual([taken.length, others.length, new Set(ids).size], [2, 1, 3]);
  });
});

test("what a process that died had taken is due again when its lease ends", async () => {
  await quieten();
  const { session } = await openOne();
  room.clock.advanceSeconds(3 * hour);
  const { db } = room.database;
  const lease = new Date(room.clock.now().getTime() + 600_000);
  await db
    .updateTable("kyc_sessions")
    .set({ next_check_at: lease })
    .where("session_id", "=", session.session_id)
    .execute();
  assert.equal((await turn()).asked, 0);
  room.clock.advanceSeconds(600);
  assert.equal((await turn()).asked, 1);
});

test("a dead provider is left alone: calls fail at once with an honest time; when it is back everything open is due", async () => {
  await quieten();
  const { session } = await openOne();
  await room.deliver(eventBody(session, "submitted"));
  const fresh = await openOne();
  const stranger = await room.addUser();
  down = true;
  for (let call = 0; call < 5; call += 1) await assert.rejects(room.openSession(stranger), /unavailable/);
  const before_ = room.asked.length;
  await assert.rejects(room.openSession(stranger), (error: { occurrence?: { retryAfterSeconds?: number } }) => {
    assert.equal(error.occurrence?.retryAfterSeconds, 30);
    return true;
  });
  assert.equal(room.asked.length, before_, "nobody was asked");
  room.clock.advanceSeconds(16 * 60);
  assert.deepEqual(await turn(), { asked: 0, drifts: 0, expired: 0, unclear: 0, failed: 1 }, "one trial, no more");
  assert.equal((await turn()).failed, 0);
  down = false;
  words.set(session.provider_session_id ?? "", decisionBody(session, "declined", 1));
  words.set(fresh.session.provider_session_id ?? "", decisionBody(fresh.session, "approved", 1));
  room.clock.advanceSeconds(60);
  const turned = await turn();
  assert.deepEqual([turned.drifts, turned.failed], [2, 0], "also the one that was not silent for long");
  assert.deepEqual([await statusOf(fresh.user.user_id), await stateOf(session)], ["active", "rejected"]);
});

test("while somebody else's call is the trial, a turn ends at once", async () => {
  await quieten();
  await openOne();
  const stranger = await room.addUser();
  down = true;
  for (let call = 0; call < 5; call += 1) await assert.rejects(room.openSession(stranger), /unavailable/);
  room.clock.advanceSeconds(3 * hour);
  const arrived = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  trial = () => {
    arrived.resolve();
    return promise;
  };
  const opening = room.openSession(stranger);
  await arrived.promise;
  assert.deepEqual(await turn(), { asked: 0, drifts: 0, expired: 0, unclear: 0, failed: 1 });
  down = false;
  trial = async () => {};
  resolve();
  await opening;
  assert.equal((await turn()).asked, 1, "the trial closed the breaker, so everything that was open is due");
});

test("the version before writes sessions without a plan; they are taken up", async () => {
  await quieten();
  const { session } = await openOne();
  const { db } = room.database;
  await db
    .updateTable("kyc_sessions")
    .set({ next_check_at: null })
    .where("session_id", "=", session.session_id)
    .execute();
  assert.equal((await turn()).asked, 1);
});

test("an erased person's sessions are asked about no more", async () => {
  await quieten();
  const { user, session } = await openOne();
  await room.database.db.transaction().execute((trx) => forgetSessions(trx, user.user_id));
  await makeOpenSessionsDue(room.database.db, "veriff", room.clock.now());
  room.clock.advanceSeconds(30 * day);
  await turn();
  assert.equal(askedAbout(session), 0);
});
