import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, readSample, shapeDifferences, startBench } from "../testing/veriff-bench.ts";
import type { Received } from "../testing/webhook-receiver.ts";
import { sign } from "./signature.ts";

const PERSON = { firstName: "Ada", lastName: "Okafor", dateOfBirth: "1991-07-14", gender: "FEMALE" };
const REQUEST = { vendorData: "usr_01HZX3", person: PERSON, document: { type: "PASSPORT", country: "NG" } };
const MICROSECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

type Verification = Record<string, unknown> & { person: Record<string, unknown> | null; decisionTime: string };

function verificationOf(received: Received | undefined): Verification {
  return received?.json.verification as Verification;
}

const outcomes = [
  { action: "approve", sample: "decision-approved-after-resubmission", status: "approved", code: 9001, before: 2 },
  { action: "decline", sample: "decision-declined", status: "declined", code: 9102, before: 2 },
  { action: "resubmit", sample: "decision-resubmission", status: "resubmission_requested", code: 9103, before: 2 },
  { action: "review", sample: "decision-review", status: "review", code: 9121, before: 2 },
  { action: "expire", sample: "decision-expired", status: "expired", code: 9104, before: 0 },
  { action: "abandon", sample: "decision-abandoned", status: "abandoned", code: 9104, before: 1 },
];

for (const { action, sample, status, code, before } of outcomes) {
  test(`${action} straight away sends the events before it, then a signed decision of the documented shape`, async (t) => {
    const { createSession, play, receiver } = await startBench(t);
    const { id } = await createSession(REQUEST);
    const { delivered, session } = await play(id, action);
    const kinds = [...["started", "submitted"].slice(0, before), status];
    assert.deepEqual(
      delivered,
      kinds.map((kind) => ({ kind, status: 200 })),
    );
    assert.equal(session.status, status);
    const events = receiver.received.slice(0, before).map(({ json }) => [json.action, json.code]);
    assert.deepEqual(
      events,
      [
        ["started", 7001],
        ["submitted", 7002],
      ].slice(0, before),
    );
    const decision = receiver.received.at(-1);
    const expected = (await readSample(`${sample}.constructed`)) as {
      verification: Verification;
      technicalData: unknown;
    };
    assert.deepEqual(shapeDifferences(expected, decision?.json), []);
    const { verification } = expected;
    const actual = verificationOf(decision);
    assert.deepEqual([actual.id, actual.status, actual.code], [id, status, code]);
    assert.deepEqual([actual.reason, actual.reasonCode], [verification.reason, verification.reasonCode]);
    assert.equal(actual.person === null, verification.person === null);
    assert.equal(actual.submissionTime === null, verification.submissionTime === null);
    assert.deepEqual(decision?.json.technicalData, expected.technicalData);
    assert.match(actual.decisionTime, MICROSECONDS);
  });
}

test("every webhook is signed over its exact bytes, under the old header names and the new", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  await play((await createSession()).id, "approve");
  assert.equal(receiver.received.length, 3);
  for (const { headers, bytes } of receiver.received) {
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["x-auth-client"], KEYS.apiKey);
    assert.equal(headers["vrf-auth-client"], KEYS.apiKey);
    assert.equal(headers["x-hmac-signature"], sign(KEYS.sharedSecret, bytes));
    assert.equal(headers["vrf-hmac-signature"], headers["x-hmac-signature"]);
  }
});

test("events have exactly the documented fields", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  const { id } = await createSession({ vendorData: "usr_1", endUserId: "fa820aba-019f-455a-ae81-cfca8075bc3f" });
  await play(id, "submitted");
  const sample = await readSample("event-submitted.docs");
  const [started, submitted] = receiver.received.map(({ json }) => json);
  assert.deepEqual(Object.keys(started ?? {}), Object.keys(sample));
  assert.deepEqual(submitted, {
    ...sample,
    id,
    attemptId: started?.attemptId,
    vendorData: "usr_1",
    endUserId: "fa820aba-019f-455a-ae81-cfca8075bc3f",
  });
});

test("names come in capitals as documents print them, and undocumented fields come along", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  await play((await createSession(REQUEST)).id, "approve");
  const { person, document, ...rest } = verificationOf(receiver.received.at(-1));
  assert.deepEqual([person?.firstName, person?.lastName, person?.gender], ["ADA", "OKAFOR", "F"]);
  assert.deepEqual([person?.dateOfBirth, person?.yearOfBirth], ["1991-07-14", "1991"]);
  assert.equal((document as { type: string }).type, "PASSPORT");
  assert.ok("unannouncedField" in rest);
});

test("a given reason is sent as given, and one in no list too", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  const reasonOf = async (body: unknown) => {
    await play((await createSession()).id, "decline", body);
    const { reasonCode, reason } = verificationOf(receiver.received.at(-1));
    return [reasonCode, reason];
  };
  assert.deepEqual(await reasonOf({ reasonCode: 106 }), [106, "Known fraud"]);
  assert.deepEqual(await reasonOf({ reasonCode: "103", reason: "Not the same" }), ["103", "Not the same"]);
  assert.deepEqual(await reasonOf({ reasonCode: 788 }), [788, null]);
});

test("a resubmission keeps session and url, and opens a new attempt", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  const { id, url } = await createSession();
  const first = await play(id, "resubmit", { reasonCode: 207 });
  const second = await play(id, "approve");
  assert.deepEqual([second.session.id, second.session.url], [id, url]);
  assert.notEqual(second.session.attemptId, first.session.attemptId);
  const attempts = receiver.received.map(({ json }) => json.attemptId ?? (json.verification as Verification).attemptId);
  const expected = [first, first, first, second, second, second].map(({ session }) => session.attemptId);
  assert.deepEqual(attempts, expected);
});

test("nine resubmissions are granted, the tenth is declined with 539", async (t) => {
  const { createSession, play } = await startBench(t);
  const { id } = await createSession();
  for (let count = 1; count <= 9; count++) {
    assert.equal((await play(id, "resubmit")).session.status, "resubmission_requested");
  }
  const { session } = await play(id, "resubmit");
  assert.deepEqual([session.status, session.decision?.reasonCode, session.attempts], ["declined", 539, 10]);
  assert.equal((await play(id, "resubmit")).httpStatus, 409);
});

test("closed sessions take no new attempt, but the reviewer may change the decision, each time with a newer one", async (t) => {
  const { createSession, play, getDecision } = await startBench(t, {
    clock: { now: () => new Date("2026-03-02T10:20:31.512Z") },
  });
  for (const closing of ["decline", "expire", "abandon"]) {
    const { id } = await createSession();
    const closed = await play(id, closing);
    for (const action of ["started", "submitted", "resubmit", "expire", "abandon"]) {
      const refused = await play(id, action);
      assert.equal(refused.httpStatus, 409, `${closing}, then ${action}`);
      assert.match(refused.error ?? "", /allowed now: approve, decline, review/);
    }
    const changed = await play(id, "approve");
    assert.equal(changed.session.status, "approved");
    assert.deepEqual([changed.session.decision?.reason, changed.session.decision?.reasonCode], [null, null]);
    assert.ok(String(changed.session.decision?.decisionTime) > String(closed.session.decision?.decisionTime));
    const again = (await (await getDecision(id)).json()) as { verification: Verification };
    assert.equal(again.verification.decisionTime, changed.session.decision?.decisionTime);
  }
});

test("a decision dated before the newest is sent, and changes nothing at Veriff's side", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  const { id } = await createSession();
  const approved = await play(id, "approve");
  const late = await play(id, "decline", { decisionTime: "2020-01-01T00:00:00.000001Z" });
  assert.deepEqual(late.delivered, [{ kind: "declined", status: 200 }]);
  assert.equal(verificationOf(receiver.received.at(-1)).decisionTime, "2020-01-01T00:00:00.000001Z");
  assert.deepEqual(late.session.decision, approved.session.decision);
  assert.equal(late.session.status, "approved");
});
