import assert from "node:assert/strict";
import { test } from "node:test";
import { startBench } from "../testing/veriff-bench.ts";
import { scenarios } from "./scenarios.ts";

const words = (received: { json: Record<string, unknown> }[]) =>
  received.map(({ json }) => json.action ?? (json.verification as { status: string }).status);

test("a person whose first name is a scenario's gets that course by itself; anybody else waits for a hand", async (t) => {
  const { createSession, receiver, listSessions } = await startBench(t);
  await createSession({ person: { firstName: "Ada" } });
  await createSession({ person: { firstName: "approve-THEN-decline" } });
  await receiver.arrived(4);
  assert.deepEqual(words(receiver.received), ["started", "submitted", "approved", "declined"]);
  assert.deepEqual(
    (await listSessions()).map(({ status }) => status),
    ["declined", "created"],
  );
});

test("where the client sends no name, the one behind vendorData is asked for", async (t) => {
  const asked: string[] = [];
  const { createSession, receiver } = await startBench(t, {
    findFirstName: async (vendorData) => {
      asked.push(vendorData);
      return "Expire";
    },
  });
  await createSession({ vendorData: "user-1" });
  await receiver.arrived(1);
  assert.deepEqual([asked, words(receiver.received)], [["user-1"], ["expired"]]);
});

test("every scenario can be played by the API, to its end", async (t) => {
  const { createSession, play, url } = await startBench(t);
  const listed = (await (await fetch(`${url}/sandbox/scenarios`)).json()) as { scenarios: string[] };
  assert.deepEqual(listed.scenarios, Object.keys(scenarios));
  const ends: Record<string, string> = {};
  for (const name of listed.scenarios) {
    const played = await play((await createSession()).id, "scenario", { name });
    assert.equal(played.httpStatus, 200, `${name}: ${played.error}`);
    ends[name] = played.session.status;
  }
  assert.deepEqual(ends, {
    Approve: "approved",
    Decline: "declined",
    Resubmit: "resubmission_requested",
    "Resubmit-then-approve": "approved",
    Review: "review",
    "Review-then-approve": "approved",
    "Review-then-decline": "declined",
    "Approve-then-decline": "declined",
    "Decline-then-approve": "approved",
    Submit: "submitted",
    Expire: "expired",
    Abandon: "abandoned",
  });
});

test("a scenario goes on from where the session stands, and stops where that forbids it", async (t) => {
  const { createSession, play } = await startBench(t);
  const { id } = await createSession();
  await play(id, "submitted");
  const gone = await play(id, "scenario", { name: "Approve" });
  assert.deepEqual(
    gone.delivered.map(({ kind }) => kind),
    ["approved"],
  );
  const stopped = await play(id, "scenario", { name: "Expire" });
  assert.deepEqual([stopped.httpStatus, /stops at expire/.test(stopped.error ?? "")], [409, true]);
  assert.equal((await play(id, "scenario", { name: "Vanish" })).httpStatus, 400);
});
