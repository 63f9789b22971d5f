import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createLogger, type LogFields, type Logger } from "../../../../foundation/logging/index.ts";
import { type CallOutside, createCallOutside } from "../../../../foundation/outbound/index.ts";
import { startVeriffDouble } from "../../../../sandbox/veriff/index.ts";
import type { KycProvider } from "../../port.ts";
import { createVeriff, type VeriffAccount } from "./index.ts";
import { signForVeriff } from "./signature.ts";

const keys = { apiKey: "8e4d7a51-3f0b-4c55-9a7e-0d1c2b3a4f5e", sharedSecret: "abcdef12-abcd-abcd-abcd-abcdef012345" };
const silent = createLogger({ level: "silent" });
const closing: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

async function startDouble() {
  const double = await startVeriffDouble({
    ...keys,
    port: 0,
    host: "127.0.0.1",
    webhookUrl: "http://127.0.0.1:9/",
    allowHttpCallbacks: false,
    retryAfterSeconds: [],
  });
  closing.push(() => double.close());
  return double;
}

const quick = createCallOutside({ sleep: async () => {} });

function provider(
  account: Partial<VeriffAccount>,
  log: Logger = silent,
  callOutside: CallOutside = quick,
): KycProvider {
  return createVeriff({ account: { baseUrl: "", ...keys, ...account }, callOutside, log });
}

const unavailable = (error: { declaration?: { code: string; status: number } }) =>
  error.declaration?.code === "verification-provider-unavailable" && error.declaration.status === 503;

/** A log that remembers. */
function remember() {
  const lines: { level: string; message: string; fields?: LogFields }[] = [];
  const write = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
  return { lines, log: { info: write("info"), warn: write("warn"), error: write("error") } };
}

test("a session is opened at the double, and its decision fetched once there is one", async () => {
  const { url } = await startDouble();
  for (const baseUrl of [url, `${url}/`, `${url}/v1`, `${url}/v1/`]) {
    const veriff = provider({ baseUrl });
    const userId = randomUUID();
    const session = await veriff.startSession({ userId, callback: "https://app.test/done" });
    assert.match(session.providerSessionId, /^[0-9a-f-]{36}$/);
    assert.ok(session.url?.startsWith(url) && session.sessionToken && session.providerStatus === "created");
    assert.equal(await veriff.fetchDecision(session.providerSessionId), undefined);
    await fetch(`${url}/sandbox/sessions/${session.providerSessionId}/decline`, { method: "POST" });
    const content = await veriff.fetchDecision(session.providerSessionId);
    assert.ok(content?.kind === "report");
    assert.deepEqual(
      [content.report.verdict, content.subject],
      ["declined", { providerSessionId: session.providerSessionId, hint: userId }],
    );
  }
});

test("a wrong key or secret is told to the operator by its code, without the secret, and to the caller as 503", async () => {
  const { url } = await startDouble();
  const wrong: [Partial<VeriffAccount>, string][] = [
    [{ sharedSecret: "wrong-secret" }, "1819"],
    [{ apiKey: randomUUID() }, "1803"],
    [{ apiKey: "no-uuid" }, "1802"],
  ];
  for (const [account, code] of wrong) {
    const { lines, log } = remember();
    const veriff = provider({ baseUrl: url, ...account }, log);
    await assert.rejects(veriff.startSession({ userId: randomUUID(), callback: "https://app.test/" }), unavailable);
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields?.errorCode]),
      [["error", code]],
    );
    assert.ok(!JSON.stringify(lines).includes("wrong-secret"));
  }
});

test("a provider that is not there is 503, with a time to come back", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const { lines, log } = remember();
  const veriff = provider({ baseUrl: `http://127.0.0.1:${port}` }, log);
  await assert.rejects(veriff.startSession({ userId: randomUUID(), callback: "https://app.test/" }), unavailable);
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields?.verdict]),
    [["warn", "unreachable"]],
  );
});

type Weather = { status?: number; body?: string; headers?: Record<string, string> };

async function serve(...weather: Weather[]) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { status = 201, body = "", headers } = weather[Math.min(seen.length, weather.length - 1)] ?? {};
    seen.push(`${request.method} ${request.url}`);
    const signature = signForVeriff(keys.sharedSecret, body);
    response.writeHead(status, { "x-hmac-signature": signature, ...headers }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const good = JSON.stringify({ status: "success", verification: { id: "s-1", url: "https://alchemy.veriff.test/v/1" } });

test("weather passes: 500 and 429 are repeated until the provider answers", async () => {
  const { seen, baseUrl } = await serve({ status: 500 }, { status: 429 }, { body: good });
  const session = await provider({ baseUrl }).startSession({ userId: randomUUID(), callback: "https://app.test/" });
  assert.deepEqual([session.providerSessionId, seen.length], ["s-1", 3]);
});

test("garbage, wrong signatures, redirects and lasting errors are 503, never a session", async () => {
  const weathers: Weather[] = [
    { body: "<html>" },
    { body: "null" },
    { body: "{}" },
    { body: good, headers: { "x-hmac-signature": "0".repeat(64) } },
    { body: good, headers: { "x-hmac-signature": "" } },
    { status: 302, headers: { location: "/elsewhere" } },
    { status: 500 },
    { status: 400, body: '{"status":"fail","code":"1104","message":"x"}' },
    { status: 401, body: "not json" },
    { body: JSON.stringify({ verification: { id: "s-1", url: "https://x.test/", pad: "x".repeat(600_000) } }) },
  ];
  for (const weather of weathers) {
    const { baseUrl } = await serve(weather);
    const started = provider({ baseUrl }).startSession({ userId: randomUUID(), callback: "https://app.test/" });
    await assert.rejects(started, unavailable, JSON.stringify(weather).slice(0, 100));
  }
});

test("the provider's Retry-After is handed on, an hour at most", async () => {
  for (const [asked, told] of [
    ["40", 40],
    ["999999", 3600],
  ] as const) {
    const { baseUrl } = await serve({ status: 429, headers: { "retry-after": asked } });
    await assert.rejects(
      provider({ baseUrl }).startSession({ userId: randomUUID(), callback: "https://app.test/" }),
      (error: { occurrence?: { retryAfterSeconds?: number } }) => error.occurrence?.retryAfterSeconds === told,
    );
  }
});

test("a decision without the answer's own signature does not count", async () => {
  const body = JSON.stringify({ status: "success", verification: { id: "s-1", status: "approved" } });
  const withoutSignature: CallOutside = async () => ({
    kind: "answer",
    status: 200,
    headers: {},
    body: Buffer.from(body),
    attempts: 1,
  });
  await assert.rejects(
    provider({ baseUrl: "https://veriff.test" }, silent, withoutSignature).fetchDecision("s-1"),
    unavailable,
  );
});
