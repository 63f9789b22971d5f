import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type pg from "pg";
import { createSharedConnection } from "./shared-connection.ts";

/** A client that answers each statement with its own number. */
function fakeClient(number: number, connect: () => Promise<unknown> = async () => undefined) {
  return Object.assign(new EventEmitter(), {
    connect,
    query: async () => ({ rows: [{ number }] }),
    connection: { stream: { destroyed: false } },
  });
}

const asClient = (client: EventEmitter) => client as unknown as pg.Client;

test("the late end of a lost connection does not drop the one that took its place", async () => {
  const opened: EventEmitter[] = [];
  const shared = createSharedConnection(() =>
    asClient(opened[opened.push(fakeClient(opened.length)) - 1] as EventEmitter),
  );
  const answering = async () => (await shared.query("select", [])).rows[0]?.number;
  assert.equal(await answering(), 0);
  opened[0]?.emit("error", new Error("lost"));
  assert.equal(await answering(), 1);
  opened[0]?.emit("end");
  assert.equal(await answering(), 1);
  assert.equal(opened.length, 2);
});

test("a connection that was ended here is not used again, though its end was not told yet", async () => {
  const opened: ReturnType<typeof fakeClient>[] = [];
  const shared = createSharedConnection(() =>
    asClient(opened[opened.push(fakeClient(opened.length)) - 1] as EventEmitter),
  );
  await shared.query("select", []);
  for (const { connection } of opened) connection.stream.destroyed = true;
  assert.equal((await shared.query("select", [])).rows[0]?.number, 1);
});

test("an opening that failed is forgotten: the next read tries again", async () => {
  let attempts = 0;
  const shared = createSharedConnection(() => {
    attempts += 1;
    return asClient(fakeClient(attempts, attempts === 1 ? () => Promise.reject(new Error("refused")) : undefined));
  });
  await assert.rejects(shared.query("select", []), /refused/);
  await shared.query("select", []);
  assert.equal(attempts, 2);
});

test("it is busy until the last statement is answered or has failed, and tells so once", async () => {
  let told = 0;
  const client = fakeClient(0);
  const shared = createSharedConnection(() => asClient(client));
  shared.onQuiet(() => {
    told += 1;
  });
  const [one, other] = [shared.query("select", []), shared.query("select", [])];
  assert.equal(shared.isBusy(), true);
  await Promise.all([one, other]);
  assert.deepEqual([shared.isBusy(), told], [false, 1]);
  client.query = () => Promise.reject(new Error("division by zero"));
  await assert.rejects(shared.query("select", []), /division/);
  assert.deepEqual([shared.isBusy(), told], [false, 2]);
});
