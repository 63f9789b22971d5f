import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../testing/webhook-receiver.ts";
import { scenarios } from "./scenarios.ts";
import { startBridgeDouble } from "./start-bridge-double.ts";

type Customer = { id: string; status: string };

test("a customer whose first name is a scenario's takes that course; by the API every scenario reaches its end", async (t) => {
  const receiver = await startReceiver();
  const double = await startBridgeDouble({ port: 0, host: "127.0.0.1", webhookUrl: receiver.url });
  t.after(async () => {
    await double.close();
    await receiver.close();
  });
  const open = async (first_name: string) => {
    const answer = await fetch(`${double.url}/v0/customers`, {
      method: "POST",
      headers: { "api-key": double.apiKey, "content-type": "application/json", "idempotency-key": first_name },
      body: JSON.stringify({ type: "individual", first_name, last_name: "Okafor", email: `${first_name}@example.com` }),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as Customer;
  };
  const play = async (id: string, name: string) => {
    const body = JSON.stringify({ name });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${double.url}/sandbox/customers/${id}/scenario`, { method: "POST", headers, body });
    return { status: answer.status, ...((await answer.json()) as { customer?: Customer; error?: string }) };
  };
  const { id } = await open("Ada");
  const ends: Record<string, string | undefined> = {};
  for (const [name, steps] of Object.entries(scenarios)) {
    const { customer } = await play((await open(`Ada-${name}`)).id, name);
    ends[name] = customer?.status;
    const last = steps.at(-1);
    assert.equal(customer?.status, last === "accept-terms" ? "not_started" : last, name);
  }
  assert.deepEqual([ends.Decline, ends["Approve-then-offboard"]], ["rejected", "offboarded"]);
  const named = await open("approve-THEN-pause");
  const statuses = () =>
    receiver.received
      .map(({ json }) => json.event_object as Customer | undefined)
      .filter((object) => object?.id === named.id)
      .map((object) => object?.status);
  while (!statuses().includes("paused")) await receiver.arrived(receiver.received.length + 1);
  assert.deepEqual(statuses().slice(-2), ["active", "paused"]);
  const refused = await play(id, "Vanish");
  assert.deepEqual([refused.status, /Approve-then-offboard/.test(refused.error ?? "")], [400, true]);
});
