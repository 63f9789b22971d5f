import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { createChanges } from "./changes.ts";
import { createRounds } from "./rounds.ts";
import type { SharedConnection } from "./shared-connection.ts";

/** A connection whose answers come when the test says so. */
function startHeld() {
  const sent: PromiseWithResolvers<unknown>[] = [];
  let unanswered = 0;
  let hearQuiet = () => {};
  const connection = {
    query: async () => {
      const answer = Promise.withResolvers<unknown>();
      sent.push(answer);
      unanswered += 1;
      try {
        return await answer.promise;
      } finally {
        unanswered -= 1;
        if (unanswered === 0) hearQuiet();
      }
    },
    opened: () => 1,
    isBusy: () => unanswered > 0,
    onQuiet: (hear: () => void) => {
      hearQuiet = hear;
    },
    hold: () => () => undefined,
    close: async () => undefined,
  } as unknown as SharedConnection;
  const heard: unknown[] = [];
  const changes = createChanges(connection, createRounds(connection), (error) => heard.push(error));
  const events: string[] = [];
  changes.watch("things", { drop: (key) => events.push(`drop ${key}`), clear: () => events.push("clear") });
  const answer = async (row: object) => {
    const rows = [{ snapshot: "3:3:", server: "one", complete: true, looked_at: 0, changed: null, ...row }];
    sent.at(-1)?.resolve({ rows });
    await turns();
  };
  return { changes, sent, answer, events, heard };
}

const turns = async () => {
  for (let turn = 0; turn < 4; turn += 1) await turnOfTheLoop();
};

/** Whether a promise has been fulfilled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await turns();
  return done;
}

test("who asks while a question is under way waits for the next: the first may have been sent too early for them", async () => {
  const { changes, sent, answer } = startHeld();
  const first = changes.settled();
  await turns();
  assert.equal(sent.length, 1);
  const second = changes.settled();
  await turns();
  await answer({});
  assert.deepEqual([await isDone(first), await isDone(second)], [true, false]);
  assert.equal(sent.length, 2);
  await answer({});
  assert.equal(await isDone(second), true);
});

test("the first proof clears, later ones drop what has changed; another server, a gap or too much clears again", async () => {
  const { changes, answer, events } = startHeld();
  const settleWith = async (row: object) => {
    events.length = 0;
    const settled = changes.settled();
    await turns();
    await answer(row);
    await settled;
    return [...events];
  };
  assert.deepEqual(await settleWith({}), ["clear"]);
  assert.deepEqual(await settleWith({}), []);
  assert.deepEqual(await settleWith({ changed: ["things:7", "others:8", "things:a:b"] }), ["drop 7", "drop a:b"]);
  assert.deepEqual(await settleWith({ changed: ["things:"] }), ["clear"]);
  assert.deepEqual(await settleWith({ complete: false }), ["clear"]);
  assert.deepEqual(await settleWith({ looked_at: 1001 }), ["clear"]);
  assert.deepEqual(await settleWith({ server: "other" }), ["clear"]);
});

test("a question that fails leaves nothing kept, harms nobody, and is told of once", async () => {
  const { changes, sent, answer, events, heard } = startHeld();
  const ask = async () => {
    const settled = changes.settled();
    await turns();
    return settled;
  };
  void ask();
  await turns();
  await answer({});
  events.length = 0;
  for (const _time of ["once", "twice"]) {
    const failed = ask();
    await turns();
    sent.at(-1)?.reject(new Error("permission denied"));
    await failed;
  }
  assert.deepEqual(events, ["clear", "clear"]);
  assert.equal(heard.length, 1);
  assert.equal(changes.isNewest(2), false, "what was read in that round is not kept");
  events.length = 0;
  void ask();
  await turns();
  await answer({});
  assert.deepEqual(events, ["clear"], "the last snapshot counts no more");
});
