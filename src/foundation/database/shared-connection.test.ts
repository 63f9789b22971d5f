import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type pg from "pg";
import { createSharedConnection } from "./shared-connection.ts";

test("the late end of a lost connection does not drop the one that took its place", async () => {
  const opened: EventEmitter[] = [];
  const shared = createSharedConnection(() => {
    const client = Object.assign(new EventEmitter(), { connect: async () => undefined });
    opened.push(client);
    return client as unknown as pg.Client;
  });
  const first = await shared.get();
  opened[0]?.emit("error", new Error("lost"));
  const second = await shared.get();
  assert.notEqual(second, first);
  opened[0]?.emit("end");
  assert.equal(await shared.get(), second);
  assert.equal(opened.length, 2);
});

test("an opening that failed is forgotten: the next read tries again", async () => {
  let attempts = 0;
  const shared = createSharedConnection(() => {
    attempts += 1;
    const connect = attempts === 1 ? async () => Promise.reject(new Error("refused")) : async () => undefined;
    return Object.assign(new EventEmitter(), { connect }) as unknown as pg.Client;
  });
  await assert.rejects(shared.get(), /refused/);
  await shared.get();
  assert.equal(attempts, 2);
});
