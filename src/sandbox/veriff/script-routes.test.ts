import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, startBench } from "../testing/veriff-bench.ts";

test("sessions are listed newest first and filtered by vendorData", async (t) => {
  const { createSession, listSessions } = await startBench(t);
  const first = await createSession({ vendorData: "user-1" });
  const second = await createSession({ vendorData: "user-2" });
  const all = await listSessions();
  assert.deepEqual(
    all.map(({ id }) => id),
    [second.id, first.id],
  );
  const [found, ...others] = await listSessions("?vendorData=user-1");
  assert.deepEqual([found?.id, found?.url, others], [first.id, first.url, []]);
});

test("unknown sessions, unknown actions and bad details are refused in words, and nothing is sent", async (t) => {
  const { createSession, play, receiver } = await startBench(t);
  const { id } = await createSession();
  assert.equal((await play("8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10", "approve")).httpStatus, 404);
  const refusals: [string, unknown, RegExp][] = [
    ["praise", {}, /Unknown action/],
    ["approve", { reasonCode: 1 }, /belongs to decline and resubmit/],
    ["decline", { reasonCode: 1.5 }, /whole number/],
    ["decline", { reason: 7 }, /at most 500/],
    ["decline", { decisionTime: "2026-02-31T00:00:00Z" }, /ISO 8601/],
    ["decline", { colour: "red" }, /Unknown field/],
    ["started", { decisionTime: "2026-02-01T00:00:00Z" }, /Events carry no decisionTime/],
    ["decline", ["x"], /JSON object/],
  ];
  for (const [action, body, message] of refusals) {
    const refused = await play(id, action, body);
    assert.deepEqual(
      [refused.httpStatus, message.test(refused.error ?? "")],
      [400, true],
      `${action}: ${refused.error}`,
    );
  }
  assert.equal((await play(id, "resend")).httpStatus, 409);
  assert.equal(receiver.received.length, 0);
});

test("an empty body, with or without a content type, and a form are taken", async (t) => {
  const { url, createSession } = await startBench(t);
  const post = async (init: RequestInit) => {
    const { id } = await createSession();
    return (await fetch(`${url}/sandbox/sessions/${id}/decline`, { method: "POST", ...init })).status;
  };
  assert.equal(await post({}), 200);
  assert.equal(await post({ headers: { "content-type": "application/json" }, body: "" }), 200);
  assert.equal(await post({ body: new URLSearchParams({ reasonCode: "105" }) }), 200);
  assert.equal(await post({ headers: { "content-type": "application/json" }, body: "{" }), 400);
});

test("the API key unlocks nothing on the script API, and the script API needs none", async (t) => {
  const { url } = await startBench(t);
  const answers = await Promise.all([
    fetch(`${url}/sandbox/sessions`),
    fetch(`${url}/v1/sessions`, { headers: { "x-auth-client": KEYS.apiKey } }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404],
  );
});
