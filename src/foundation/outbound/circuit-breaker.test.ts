import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestClock } from "../clock/index.ts";
import { type CallOutside, createBreaker, type OutsideCall, type OutsideOutcome, retryAfterSeconds } from "./index.ts";

const call: OutsideCall = {
  url: "https://outside.test/",
  method: "GET",
  timeoutSeconds: 15,
  maxBytes: 1000,
  attempts: 1,
  repeatable: true,
};

const answer = (status: number, body = "{}"): OutsideOutcome => ({
  kind: "answer",
  status,
  headers: {},
  body: Buffer.from(body),
  attempts: 1,
});
const silence: OutsideOutcome = { kind: "failure", why: "timed-out", code: undefined, attempts: 3 };

/** A breaker before an outside that does what the test says. */
function stand(outcome: OutsideOutcome = silence) {
  const clock = createTestClock(new Date("2026-03-02T12:00:00Z"));
  const changes: string[] = [];
  let next: CallOutside = async () => outcome;
  let calls = 0;
  const breaker = createBreaker({
    clock,
    changed: (state) => changes.push(state),
    callOutside: (asked) => {
      calls += 1;
      return next(asked);
    },
  });
  const callTimes = async (times: number) => {
    for (let time = 0; time < times; time += 1) await breaker.call(call);
  };
  return {
    clock,
    changes,
    breaker,
    callTimes,
    calls: () => calls,
    answerWith: (given: OutsideOutcome | CallOutside) => {
      next = typeof given === "function" ? given : async () => given;
    },
  };
}

const whyOf = (outcome: OutsideOutcome) => (outcome.kind === "failure" ? outcome.why : outcome.status);

test("after five failures in a row nobody is asked, and callers are told at once when to come back", async () => {
  const { breaker, callTimes, calls, clock, changes } = stand();
  await callTimes(4);
  assert.equal(breaker.status().state, "closed");
  await callTimes(1);
  assert.deepEqual([breaker.status().state, breaker.status().failuresInARow, calls()], ["open", 5, 5]);
  clock.advanceSeconds(10);
  const refused = await breaker.call(call);
  assert.deepEqual([whyOf(refused), refused.attempts, retryAfterSeconds(refused), calls()], ["circuit-open", 0, 20, 5]);
  assert.deepEqual(changes, ["open"]);
});

test("what counts as a failure: no answer, 5xx, no JSON; not 4xx, not an empty answer", async () => {
  for (const bad of [silence, answer(500), answer(503), answer(200, "<html>"), answer(201, "\u0000\u0001")]) {
    const { breaker, callTimes } = stand(bad);
    await callTimes(5);
    assert.equal(breaker.status().state, "open", JSON.stringify(bad));
  }
  for (const good of [
    answer(200),
    answer(200, "  [1]"),
    answer(204, ""),
    answer(400, "no"),
    answer(401),
    answer(404),
  ]) {
    const { breaker, callTimes } = stand(good);
    await callTimes(10);
    assert.equal(breaker.status().state, "closed", JSON.stringify(good));
  }
});

test("a success in between begins the count anew; 429 neither counts nor forgives", async () => {
  const { breaker, callTimes, answerWith } = stand();
  await callTimes(4);
  answerWith(answer(200));
  await callTimes(1);
  answerWith(silence);
  await callTimes(4);
  answerWith(answer(429));
  await callTimes(20);
  assert.deepEqual([breaker.status().state, breaker.status().failuresInARow], ["closed", 4]);
  answerWith(silence);
  await callTimes(1);
  assert.equal(breaker.status().state, "open");
});

test("when the time is up one call tries, alone; its success closes the breaker", async () => {
  const { breaker, callTimes, answerWith, calls, clock, changes } = stand();
  await callTimes(5);
  clock.advanceSeconds(30);
  assert.equal(breaker.status().state, "half-open");
  const { promise, resolve } = Promise.withResolvers<OutsideOutcome>();
  answerWith(() => promise);
  const trial = breaker.call(call);
  const others = await Promise.all(Array.from({ length: 20 }, () => breaker.call(call)));
  assert.deepEqual([...new Set(others.map(whyOf))], ["circuit-open"]);
  assert.equal(retryAfterSeconds(others[0] as OutsideOutcome), 15, "as long as the trial may take");
  resolve(answer(200));
  assert.equal(whyOf(await trial), 200);
  assert.deepEqual([breaker.status().state, calls(), changes], ["closed", 6, ["open", "closed"]]);
});

test("each trial that fails doubles the wait, up to ten minutes; a busy one is no proof of health", async () => {
  const { breaker, callTimes, answerWith, clock, changes } = stand();
  await callTimes(5);
  for (const seconds of [30, 60, 120, 240, 480, 600, 600]) {
    clock.advanceSeconds(seconds - 1);
    assert.equal(breaker.status().state, "open", `${seconds}`);
    clock.advanceSeconds(1);
    assert.equal(breaker.status().state, "half-open", `${seconds}`);
    answerWith(seconds === 60 ? answer(429) : silence);
    await callTimes(1);
  }
  assert.deepEqual(changes, ["open"]);
});

test("an answer to a call from before the opening decides nothing", async () => {
  const { breaker, callTimes, answerWith } = stand();
  const { promise, resolve } = Promise.withResolvers<OutsideOutcome>();
  answerWith(() => promise);
  const early = breaker.call(call);
  answerWith(silence);
  await callTimes(5);
  resolve(answer(200));
  await early;
  assert.equal(breaker.status().state, "open");
});

test("a call that we wrote wrongly is thrown and leaves the place of the trial free", async () => {
  const { breaker, callTimes, answerWith, clock } = stand();
  await callTimes(5);
  clock.advanceSeconds(30);
  answerWith(() => Promise.reject(new TypeError("Invalid URL")));
  await assert.rejects(breaker.call(call), TypeError);
  answerWith(answer(200));
  await callTimes(1);
  assert.equal(breaker.status().state, "closed");
});
