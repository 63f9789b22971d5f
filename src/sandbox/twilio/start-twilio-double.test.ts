import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type CaughtText, startTwilioDouble, type TwilioDouble } from "./index.ts";

const caught: CaughtText[] = [];
let double: TwilioDouble;

before(async () => {
  double = await startTwilioDouble({ host: "127.0.0.1", deliver: (text) => caught.push(text) });
});
after(() => double.close());

async function post(fields: Record<string, string>, token = double.authToken, sid = double.accountSid) {
  const answer = await fetch(`${double.url}/2010-04-01/Accounts/${sid}/Messages.json`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${double.accountSid}:${token}`).toString("base64")}` },
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test("a message is answered as Twilio answers it, and caught before the answer", async () => {
  const { status, body } = await post({ To: "+2348031234567", From: double.from, Body: "Hello" });
  assert.equal(status, 201);
  assert.match(String(body.sid), /^SM[0-9a-f]{32}$/);
  const { sid, account_sid, status: state, to, from, body: text, error_code, num_segments, uri } = body;
  assert.deepEqual(
    { account_sid, state, to, from, text, error_code, num_segments },
    {
      account_sid: double.accountSid,
      state: "queued",
      to: "+2348031234567",
      from: double.from,
      text: "Hello",
      error_code: null,
      num_segments: "1",
    },
  );
  assert.equal(uri, `/2010-04-01/Accounts/${double.accountSid}/Messages/${sid}.json`);
  assert.deepEqual(caught, [{ from: double.from, to: "+2348031234567", text: "Hello" }]);
});

test("what Twilio refuses is refused in its form", async () => {
  const good = { To: "+2348031234567", From: double.from, Body: "Hello" };
  const codeOf = async (...given: Parameters<typeof post>) => {
    const { status, body } = await post(...given);
    assert.equal(body.status, status);
    assert.equal(body.more_info, `https://www.twilio.com/docs/errors/${body.code}`);
    return [status, body.code];
  };
  assert.deepEqual(await codeOf(good, "wrong"), [401, 20003]);
  assert.deepEqual(await codeOf(good, double.authToken, `AC${"0".repeat(32)}`), [404, 20404]);
  assert.deepEqual(await codeOf({ ...good, To: "" }), [400, 21604]);
  assert.deepEqual(await codeOf({ ...good, From: "" }), [400, 21603]);
  assert.deepEqual(await codeOf({ ...good, From: "+15005550007" }), [400, 21606]);
  assert.deepEqual(await codeOf({ ...good, Body: "" }), [400, 21602]);
  assert.deepEqual(await codeOf({ ...good, Body: "x".repeat(1601) }), [400, 21617]);
  assert.deepEqual(await codeOf({ ...good, To: "0803 123" }), [400, 21211]);
  assert.deepEqual(await codeOf({ ...good, To: "+15005550004" }), [400, 21610]);
  assert.deepEqual(await codeOf({ ...good, ValidityPeriod: "36001" }), [400, 20001]);
});
