import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, startBench } from "../testing/veriff-bench.ts";
import { sign } from "../veriff/signature.ts";
import { readWeatherLine } from "./settings.ts";
import { createWeather } from "./weather.ts";

const rough = readWeatherLine("rough");

test("the same seed gives the same weather again, another seed another, and a clear sky none", () => {
  const draw = (seed: string) => {
    const weather = createWeather({ ...rough, seed });
    return JSON.stringify(Array.from({ length: 200 }, () => [weather.meetRequest(), weather.meetWebhook()]));
  };
  assert.equal(draw("monday"), draw("monday"));
  assert.notEqual(draw("monday"), draw("tuesday"));
  const clear = createWeather();
  const fates = Array.from({ length: 50 }, () => ({ ...clear.meetRequest(), ...clear.meetWebhook() }));
  assert.ok(fates.every(({ kind, lost, duplicated }) => kind === "served" && !lost && !duplicated));
});

test("shares are met as set, and changing one changes no other draw", () => {
  const weather = createWeather({ serverError: 0.25, duplicate: 0.5 });
  const count = () => {
    let [errors, duplicates] = [0, ""];
    for (let n = 0; n < 2000; n += 1) {
      if (weather.meetRequest().kind === "server-error") errors += 1;
      duplicates += weather.meetWebhook().duplicated ? "x" : ".";
    }
    return { errors, duplicates };
  };
  const first = count();
  assert.ok(Math.abs(first.errors - 500) < 100, `${first.errors}`);
  weather.set({ serverError: 0 });
  const second = count();
  assert.deepEqual([second.errors, second.duplicates], [0, first.duplicates]);
});

test("a line of weather is read, or refused naming the word", () => {
  assert.deepEqual(readWeatherLine("duplicate=0.3, seed=monday,outage=true"), {
    duplicate: 0.3,
    seed: "monday",
    outage: true,
  });
  assert.equal(readWeatherLine("rough,lose=0").lose, 0);
  assert.deepEqual(readWeatherLine(""), {});
  for (const line of ["storm", "lose=2", "lose=-1", "lose=x", "rain=1", "outage=maybe", "seed=", "__proto__=1"]) {
    assert.throws(() => readWeatherLine(line), Error, line);
  }
});

test("an API in the weather: 429, 500, garbage, no reply after the deed, no connection", async (t) => {
  const { url, createSession, listSessions } = await startBench(t);
  const { id } = await createSession();
  const ask = () =>
    fetch(`${url}/v1/sessions/${id}/decision`, {
      headers: { "x-auth-client": KEYS.apiKey, "x-hmac-signature": sign(KEYS.sharedSecret, id) },
    });
  const set = async (body: Record<string, unknown>) => {
    const answer = await fetch(`${url}/sandbox/weather`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ preset: "clear", ...body }),
    });
    return { status: answer.status, ...((await answer.json()) as { error?: string; counts: Record<string, number> }) };
  };
  await set({ tooManyRequests: 1 });
  const busy = await ask();
  assert.deepEqual([busy.status, busy.headers.get("retry-after")], [429, "1"]);
  await set({ serverError: 1 });
  assert.equal((await ask()).status, 500);
  await set({ garbage: 1 });
  const garbage = await ask();
  assert.equal(garbage.status, 200);
  await assert.rejects(garbage.json());
  await set({ outage: true });
  await assert.rejects(ask());
  await set({ dropReply: 1 });
  await assert.rejects(createSession());
  assert.equal((await listSessions()).length, 2, "it was opened all the same");
  await set({});
  assert.equal((await ask()).status, 200);
  assert.match((await set({ rain: 1 })).error ?? "", /no weather setting "rain"/);
  assert.match((await set({ lose: 2 })).error ?? "", /0 to 1/);
});

test("webhooks in the weather: lost, duplicated, turned round, forged, their answer lost", async (t) => {
  const { createSession, play, receiver, url } = await startBench(t, { retryAfterSeconds: [0] });
  const set = (body: Record<string, unknown>) =>
    fetch(`${url}/sandbox/weather`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ preset: "clear", ...body }),
    });
  const arrivals = () => receiver.received.splice(0).map(({ json }) => json.action ?? "decision");
  const sessions: string[] = [];
  for (let count = 0; count < 6; count += 1) sessions.push((await createSession()).id);
  const next = () => sessions.pop() ?? assert.fail("There are too few sessions.");
  const approve = () => play(next(), "approve");

  await set({ outage: true });
  const lost = await approve();
  assert.deepEqual(
    lost.session.deliveries.map(({ state }) => state),
    ["failed", "failed", "failed"],
  );
  assert.deepEqual([arrivals(), lost.session.status], [[], "approved"]);

  await set({ lose: 1 });
  await approve();
  assert.deepEqual(arrivals(), []);

  await set({ duplicate: 1 });
  await approve();
  assert.deepEqual(arrivals(), ["started", "started", "submitted", "submitted", "decision", "decision"]);

  await set({ reorder: 1 });
  await approve();
  assert.deepEqual(arrivals(), ["decision", "submitted", "started"]);

  await set({ badSignature: 1 });
  receiver.replies.push(401);
  await play(next(), "expire");
  await receiver.arrived(2);
  const signatures = receiver.received.splice(0).map(({ headers, bytes }) => {
    return headers["x-hmac-signature"] === sign(KEYS.sharedSecret, bytes);
  });
  assert.deepEqual(signatures, [false, true]);

  await set({ dropReply: 1 });
  const unanswered = await play(next(), "expire");
  assert.deepEqual([unanswered.delivered[0]?.status, receiver.received.length >= 1], [null, true]);
});

test("delayed webhooks come later and by themselves", async (t) => {
  const { createSession, play, receiver, url } = await startBench(t, {
    weather: { delay: 1, delaySeconds: 0.05 },
  });
  const { delivered } = await play((await createSession()).id, "expire");
  assert.equal(delivered[0]?.status, null);
  await receiver.arrived(1);
  assert.equal(
    ((await (await fetch(`${url}/sandbox/weather`)).json()) as { counts: { delay: number } }).counts.delay >= 1,
    true,
  );
});
