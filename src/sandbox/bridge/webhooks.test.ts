import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { readBridgeSample, startBench } from "../testing/bridge-bench.ts";
import { shapeDifferences, temporaryFolder } from "../testing/veriff-bench.ts";
import type { Received } from "../testing/webhook-receiver.ts";

const person = {
  type: "individual",
  first_name: "Ada",
  last_name: "Okafor",
  email: "ada@example.com",
  endorsements: ["base"],
};

/** Written apart from the code under test, after the published vector. */
function holds({ headers, bytes }: Received, publicKey: string | undefined): boolean {
  const [, t = "", v0 = ""] = /^t=(\d+),v0=(.+)$/.exec(String(headers["x-webhook-signature"])) ?? [];
  const digest = createHash("sha256")
    .update(Buffer.concat([Buffer.from(`${t}.`), bytes]))
    .digest();
  return verify("sha256", digest, createPublicKey(publicKey ?? ""), Buffer.from(v0, "base64"));
}

test("a new customer and each change of status are told in the published envelope, signed with a double hash", async (t) => {
  const { send, receiver, publicKeys } = await startBench(t);
  const { id } = (await send("POST", "/v0/customers", { body: person })).body;
  for (const status of ["under_review", "rejected"]) await send("POST", `/sandbox/customers/${id}/${status}`);
  await receiver.arrived(3);
  const names = ["webhook-customer-created", "webhook-customer-under-review", "webhook-customer-rejected"];
  for (const [index, name] of names.entries()) {
    const received = receiver.received[index] as Received;
    const sample = await readBridgeSample(`${name}.constructed`);
    assert.deepEqual(shapeDifferences(sample, received.json), [], name);
    assert.equal(received.json.event_type, sample.event_type);
    assert.ok(holds(received, publicKeys[0]), name);
  }
  const [, , last] = receiver.received;
  assert.deepEqual(last?.json.event_object_changes, { status: ["under_review", "rejected"] });
  const times = receiver.received.map(({ json }) => String(json.event_created_at));
  assert.deepEqual([...new Set(times)].sort(), times, "each newer than the one before");
});

test("a webhook that was not taken is repeated with the same bytes and a new signature", async (t) => {
  let now = Date.parse("2026-03-02T10:00:00Z");
  const clock = {
    now: () => {
      now += 1000;
      return new Date(now);
    },
  };
  const { send, receiver, publicKeys } = await startBench(t, { retryAfterSeconds: [0.01, 0.01], clock });
  receiver.replies.push(500, 302);
  await send("POST", "/v0/customers", { body: person });
  await receiver.arrived(3);
  const [first, second, third] = receiver.received as [Received, Received, Received];
  assert.deepEqual([second.bytes, third.bytes], [first.bytes, first.bytes]);
  const signatures = receiver.received.map(({ headers }) => headers["x-webhook-signature"]);
  assert.equal(new Set(signatures).size, 3);
  assert.ok(receiver.received.every((received) => holds(received, publicKeys[0])));
});

test("endpoints are made disabled with a key of their own, enabled, changed while disabled, and deleted", async (t) => {
  const { send, receiver, publicKeys } = await startBench(t);
  const made = await send("POST", "/v0/webhooks", {
    body: await readBridgeSample("webhook-endpoint-create.request.docs"),
  });
  assert.deepEqual(shapeDifferences(await readBridgeSample("webhook-endpoint.response.constructed"), made.body), []);
  assert.deepEqual([made.status, made.body.status], [201, "disabled"]);
  assert.notEqual(made.body.public_key, publicKeys[0]);
  const own = `/v0/webhooks/${made.body.id}`;
  const put = async (body: unknown) => (await send("PUT", own, { body })).status;
  assert.equal(await put({ url: receiver.url, event_categories: ["customer"] }), 200);
  assert.equal(await put({ status: "active" }), 200);
  assert.equal(await put({ url: "https://other.example/" }), 400);
  assert.equal(await put({ status: "sleeping" }), 400);
  await send("POST", "/v0/customers", { body: person });
  await receiver.arrived(2);
  const keys = [made.body.public_key, publicKeys[0]];
  for (const key of keys) assert.equal(receiver.received.filter((one) => holds(one, key)).length, 1);
  const event = String(receiver.received[0]?.json.event_id);
  assert.equal((await send("GET", `${own}/logs`)).body.data[0].event_id, event);
  assert.equal((await send("POST", `${own}/send`, { body: { event_id: event } })).status, 200);
  await receiver.arrived(3);
  assert.equal((await send("POST", `${own}/send`, { body: { event_id: "wh_nobody" } })).status, 400);
  assert.deepEqual((await send("GET", `${own}/events`)).body.data, []);
  assert.equal((await send("DELETE", own)).body.status, "deleted");
  assert.equal((await send("GET", "/v0/webhooks")).body.data.length, 1);
  for (const body of [
    {},
    { url: "ftp://x", event_epoch: "webhook_creation", event_categories: [] },
    { url: "https://x.example/", event_categories: [] },
  ])
    assert.equal((await send("POST", "/v0/webhooks", { body })).status, 400, JSON.stringify(body));
});

test("what integrators have seen can be played: bare types, no sequence, old times, unknown statuses, false signatures", async (t) => {
  const { send, receiver, publicKeys } = await startBench(t);
  const { id } = (await send("POST", "/v0/customers", { body: person })).body;
  await receiver.arrived(1);
  const play = async (action: string, body: unknown) => {
    const { delivered } = (await send("POST", `/sandbox/customers/${id}/${action}`, { body })).body;
    assert.equal(delivered.length, 1);
    return receiver.received.at(-1) as Received;
  };
  const bare = await play("active", { bare_event_type: true, without_sequence: true });
  assert.deepEqual([bare.json.event_type, "event_sequence" in bare.json], ["updated.status_transitioned", false]);
  const old = await play("rejected", { event_created_at: "2020-01-01T00:00:00.000Z", reason: "Because" });
  assert.equal(old.json.event_created_at, "2020-01-01T00:00:00.000Z");
  assert.equal((await send("GET", `/v0/customers/${id}`)).body.status, "active", "what was is not what is");
  assert.equal((await play("become", { status: "frobnicated" })).json.event_object_status, "frobnicated");
  assert.ok(!holds(await play("paused", { bad_signature: true }), publicKeys[0]));
  for (const [action, body] of [
    ["frobnicate", {}],
    ["active", { reason: 7 }],
    ["active", { what: 1 }],
    ["become", {}],
    ["active", { as: "x" }],
    ["active", { event_created_at: "soon" }],
  ] as const)
    assert.equal(
      (await send("POST", `/sandbox/customers/${id}/${action}`, { body })).status,
      400,
      JSON.stringify([action, body]),
    );
  assert.equal((await send("POST", "/sandbox/customers/cust_nobody/active")).status, 404);
});

test("the acceptance of a link's terms tells of no customer, its first opening of one", async (t) => {
  const { send, receiver, url } = await startBench(t);
  const {
    id,
    tos_link: terms,
    kyc_link: page,
  } = (await send("POST", "/v0/kyc_links", { body: await readBridgeSample("kyc-link-create.request.constructed") }))
    .body;
  const { searchParams } = new URL(terms);
  await fetch(`${url}/accept-terms-of-service`, { method: "POST", body: searchParams, redirect: "manual" });
  const accepted = receiver.received.at(-1)?.json as { event_object: { id: string; customer_id: null } };
  assert.deepEqual(
    shapeDifferences(await readBridgeSample("webhook-kyc-link-tos-accepted.partial.observed"), accepted),
    [],
  );
  assert.deepEqual([accepted.event_object.id, accepted.event_object.customer_id], [id, null]);
  assert.match(await (await fetch(page)).text(), /Verify your identity/);
  const begun = receiver.received.at(-1)?.json.event_object as { customer_id: string };
  assert.equal((await send("GET", `/v0/customers/${begun.customer_id}`)).body.first_name, "Ada");
});

test("keys, customers and unfinished webhooks outlive a restart", async (t) => {
  const stateFile = join(await temporaryFolder(t), "bridge.jsonl");
  const first = await startBench(t, { stateFile, apiKey: undefined });
  const headers = { "api-key": first.apiKey };
  first.receiver.replies.push(503);
  const { id } = (await first.send("POST", "/v0/customers", { body: person, headers })).body;
  await first.receiver.arrived(1);
  await first.close();
  const again = await startBench(t, {
    stateFile,
    apiKey: undefined,
    webhookUrl: first.receiver.url,
    retryAfterSeconds: [0.01],
  });
  assert.deepEqual([again.apiKey, again.publicKeys], [first.apiKey, first.publicKeys]);
  await first.receiver.arrived(2);
  assert.deepEqual(first.receiver.received[1]?.bytes, first.receiver.received[0]?.bytes);
  assert.equal((await again.send("GET", `/v0/customers/${id}`, { headers })).body.id, id);
});
