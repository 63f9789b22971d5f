import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startBench, temporaryFolder } from "../testing/veriff-bench.ts";

const FAST = [0, 0, 0, 0];

test("a webhook that is not answered with 200 is repeated, byte for byte, until it is", async (t) => {
  const { createSession, play, receiver, listSessions } = await startBench(t, { retryAfterSeconds: FAST });
  const elsewhere = await startBench(t);
  receiver.replies.push(500, 202, { status: 307, headers: { location: elsewhere.receiver.url } }, 200);
  const { id } = await createSession();
  const { delivered, session } = await play(id, "started");
  assert.deepEqual([delivered, session.deliveries[0]?.state], [[{ kind: "started", status: 500 }], "pending"]);
  await receiver.arrived(4);
  const [first, ...others] = receiver.received;
  for (const { bytes, headers } of others) {
    assert.deepEqual(bytes, first?.bytes);
    assert.equal(headers["x-hmac-signature"], first?.headers["x-hmac-signature"]);
  }
  assert.equal(elsewhere.receiver.received.length, 0, "a redirect is not followed");
  assert.equal((await listSessions())[0]?.id, id);
});

test("after the last repeat a webhook counts as failed, and can still be sent again by hand", async (t) => {
  const { createSession, play, receiver } = await startBench(t, { retryAfterSeconds: [] });
  receiver.replies.push(503);
  const { id } = await createSession();
  assert.equal((await play(id, "expire")).session.deliveries[0]?.state, "failed");
  const again = await play(id, "resend");
  assert.deepEqual(again.delivered, [{ kind: "expired", status: 200 }]);
  assert.equal(again.session.deliveries[0]?.state, "delivered");
  assert.deepEqual(receiver.received[0]?.bytes, receiver.received[1]?.bytes);
});

test("a receiver that hangs, or is not there, counts as failed and is told apart from an HTTP answer", async (t) => {
  const { createSession, play, receiver } = await startBench(t, { webhookTimeoutSeconds: 0.05 });
  receiver.replies.push("hang");
  const hung = await play((await createSession()).id, "expire");
  assert.deepEqual(hung.delivered, [{ kind: "expired", status: null }]);
  const gone = await startBench(t, { webhookUrl: "http://127.0.0.1:1/" });
  const refused = await gone.play((await gone.createSession()).id, "expire");
  assert.deepEqual(refused.delivered, [{ kind: "expired", status: null }]);
  assert.ok(refused.session.deliveries[0]?.nextTryAt);
});

test("sessions and unfinished webhooks survive a restart, and the webhook then arrives byte for byte", async (t) => {
  const stateFile = join(await temporaryFolder(t), "veriff.jsonl");
  const before = await startBench(t, { stateFile });
  before.receiver.replies.push(200, 200, 500);
  const { id, url } = await before.createSession({ vendorData: "user-1", person: { firstName: "Ada" } });
  const played = await before.play(id, "approve");
  assert.equal(played.session.deliveries[2]?.state, "pending");
  await before.close();

  const after = await startBench(t, { stateFile, retryAfterSeconds: FAST });
  await after.receiver.arrived(1);
  assert.deepEqual(after.receiver.received[0]?.bytes, before.receiver.received[2]?.bytes);
  const [session] = await after.listSessions();
  assert.equal(new URL(session?.url ?? "").pathname, new URL(url).pathname);
  assert.deepEqual([session?.id, session?.status, session?.attemptId], [id, "approved", played.session.attemptId]);
  assert.deepEqual(session?.decision, played.session.decision);
  assert.equal((await after.play(id, "decline")).session.status, "declined");
});

test("closing cuts off a try under way and keeps it for the next start", async (t) => {
  const stateFile = join(await temporaryFolder(t), "veriff.jsonl");
  const before = await startBench(t, { stateFile, retryAfterSeconds: [] });
  before.receiver.replies.push("hang");
  const { id } = await before.createSession();
  const cut = before.play(id, "expire").catch(() => undefined);
  await before.receiver.arrived(1);
  await before.close();
  await cut;
  const after = await startBench(t, { stateFile, retryAfterSeconds: FAST });
  await after.receiver.arrived(1);
  assert.deepEqual(after.receiver.received[0]?.bytes, before.receiver.received[0]?.bytes);
});
