import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, readSample, shapeDifferences, startBench } from "../testing/veriff-bench.ts";
import { sign } from "./signature.ts";

const CLIENT = { "x-auth-client": KEYS.apiKey, "content-type": "application/json" };

test("the documented request makes a session whose answer has the documented shape and a fitting signature", async (t) => {
  const { url } = await startBench(t, { allowHttpCallbacks: false });
  const body = JSON.stringify(await readSample("session-create.request.docs"));
  const response = await fetch(`${url}/v1/sessions`, { method: "POST", headers: CLIENT, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-auth-client"), KEYS.apiKey);
  assert.equal(response.headers.get("x-hmac-signature"), sign(KEYS.sharedSecret, bytes));
  const answer = JSON.parse(bytes.toString());
  assert.deepEqual(shapeDifferences(await readSample("session-create.response.constructed"), answer), []);
  const { id, url: hosted, host, sessionToken, status, vendorData } = answer.verification;
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.deepEqual([host, hosted, status, vendorData], [url, `${url}/v/${sessionToken}`, "created", "11111111"]);
});

test("the documented minimum, an empty verification, makes a session", async (t) => {
  const { url } = await startBench(t);
  const body = JSON.stringify(await readSample("session-create.request.minimal"));
  const response = await fetch(`${url}/v1/sessions`, { method: "POST", headers: CLIENT, body });
  assert.equal(response.status, 201);
});

test("every bad request for a session is refused with Veriff's code", async (t) => {
  const { url, listSessions } = await startBench(t, { allowHttpCallbacks: false });
  const old = new Date(Date.now() - 3_700_000).toISOString();
  const cases: [string, unknown, number, Record<string, string>?][] = [
    ["1801", {}, 401, { "x-auth-client": "" }],
    ["1802", {}, 401, { "x-auth-client": "my-key" }],
    ["1803", {}, 401, { "x-auth-client": "00000000-0000-4000-8000-000000000000" }],
    ["1819", {}, 401, { "x-hmac-signature": sign("another secret", "{}") }],
    ["1819", {}, 401, { "x-hmac-signature": "" }],
    ["1102", {}, 400],
    ["1104", "no json", 400],
    ["1104", [], 400],
    ["1104", { verification: "text" }, 400],
    ["1104", { verification: { callback: "not a url" } }, 400],
    ["1302", { verification: { callback: "http://example.com/back" } }, 400],
    ["1302", { verification: { callback: "javascript:alert(1)" } }, 400],
    ["1500", { verification: { vendorData: "x".repeat(1001) } }, 400],
    ["1501", { verification: { vendorData: 7 } }, 400],
    ["1104", { verification: { endUserId: "7" } }, 400],
    ["1104", { verification: { person: { firstName: 7 } } }, 400],
    ["1104", { verification: { person: { dateOfBirth: "1990-13-01" } } }, 400],
    ["1104", { verification: { person: { gender: "X" } } }, 400],
    ["1104", { verification: { document: { country: "NGA" } } }, 400],
    ["1104", { verification: { document: { type: "passport" } } }, 400],
    ["1104", { verification: { document: { number: "A-1" } } }, 400],
    ["1104", { verification: { consents: [{ type: "other", approved: true }] } }, 400],
    ["1201", { verification: { timestamp: old } }, 400],
    ["1104", { verification: { timestamp: "yesterday" } }, 400],
  ];
  for (const [code, content, status, headers] of cases) {
    const body = typeof content === "string" ? content : JSON.stringify(content);
    const response = await fetch(`${url}/v1/sessions`, { method: "POST", headers: { ...CLIENT, ...headers }, body });
    const answer = (await response.json()) as Record<string, unknown>;
    assert.deepEqual([response.status, answer.status, answer.code], [status, "fail", code], JSON.stringify(content));
    assert.deepEqual(Object.keys(answer), ["status", "code", "message"]);
  }
  assert.deepEqual(await listSessions(), [], "a refused request leaves no session");
});

test("an http callback is taken only where the sandbox allows it, and never another scheme", async (t) => {
  const { url } = await startBench(t, { allowHttpCallbacks: true });
  const ask = async (callback: string) => {
    const body = JSON.stringify({ verification: { callback } });
    return (await fetch(`${url}/v1/sessions`, { method: "POST", headers: CLIENT, body })).status;
  };
  assert.equal(await ask("http://127.0.0.1:8080/return"), 201);
  assert.equal(await ask("javascript:alert(1)"), 400);
});

test("a signature that is sent with the request has to fit the exact bytes", async (t) => {
  const { url } = await startBench(t);
  const body = '{"verification" : {}}';
  const post = (signature: string) =>
    fetch(`${url}/v1/sessions`, { method: "POST", headers: { ...CLIENT, "x-hmac-signature": signature }, body });
  assert.equal((await post(sign(KEYS.sharedSecret, body).toUpperCase())).status, 201);
  assert.equal((await post(sign(KEYS.sharedSecret, '{"verification":{}}'))).status, 401);
});

test("the decision is null until there is one, then what the webhook said, signed over the exact bytes", async (t) => {
  const { createSession, getDecision, play, receiver } = await startBench(t);
  const { id } = await createSession();
  assert.deepEqual(await (await getDecision(id)).json(), await readSample("decision-get-undecided.constructed"));
  await play(id, "approve");
  const response = await getDecision(id);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.headers.get("x-hmac-signature"), sign(KEYS.sharedSecret, bytes));
  assert.equal(response.headers.get("x-auth-client"), KEYS.apiKey);
  assert.deepEqual(JSON.parse(bytes.toString()).verification, receiver.received.at(-1)?.json.verification);
});

test("every bad request for a decision is refused with Veriff's code", async (t) => {
  const { url, createSession, getDecision } = await startBench(t);
  const { id } = await createSession();
  const unknown = "8d7b6a52-1c0e-4f5e-9c64-2f3b2a1d9e10";
  const answers = {
    wrongSignature: await getDecision(id, sign("another secret", id)),
    otherId: await getDecision(id, sign(KEYS.sharedSecret, unknown)),
    noSignature: await fetch(`${url}/v1/sessions/${id}/decision`, { headers: CLIENT }),
    noClient: await fetch(`${url}/v1/sessions/${id}/decision`),
    shortId: await getDecision("7"),
    notVersion4: await getDecision("12df6045-3846-3e45-946a-14fa6136d78b"),
    unknown: await getDecision(unknown),
  };
  const told = Object.entries(answers).map(async ([name, answer]) => {
    const { code } = (await answer.json()) as { code: string };
    return [name, answer.status, code];
  });
  assert.deepEqual(await Promise.all(told), [
    ["wrongSignature", 401, "1818"],
    ["otherId", 401, "1818"],
    ["noSignature", 401, "1818"],
    ["noClient", 401, "1801"],
    ["shortId", 400, "1001"],
    ["notVersion4", 400, "1002"],
    ["unknown", 404, "1104"],
  ]);
});
