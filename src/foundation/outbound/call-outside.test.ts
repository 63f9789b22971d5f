import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { after, test } from "node:test";
import { createCallOutside, isPublicAddress, type OutsideCall, retryAfterSeconds } from "./index.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    (server as Server & { closeAllConnections?(): void }).closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Handler = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

async function serve(handler: Handler): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const url = await listen(
    createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      handler(request, response, seen.length);
    }),
  );
  return { url, seen };
}

function patient() {
  const waits: number[] = [];
  const callOutside = createCallOutside({ random: () => 1, sleep: async (seconds) => void waits.push(seconds) });
  return { waits, callOutside };
}

const call = (url: string, more: Partial<OutsideCall> = {}): OutsideCall => ({
  url,
  method: "GET",
  timeoutSeconds: 30,
  maxBytes: 1000,
  attempts: 3,
  repeatable: true,
  ...more,
});

test("an answer of any status comes back whole, with its headers, and counts its attempts", async () => {
  const { url } = await serve((_request, response) => response.writeHead(404, { "x-one": "1" }).end("gone"));
  const outcome = await patient().callOutside(call(url));
  assert.ok(outcome.kind === "answer");
  assert.deepEqual(
    [outcome.status, outcome.body.toString(), outcome.headers["x-one"], outcome.attempts],
    [404, "gone", "1", 1],
  );
});

test("a 500 is repeated with doubling waits, up to the number of attempts", async () => {
  const { url, seen } = await serve((_request, response, nth) => response.writeHead(nth < 4 ? 500 : 200).end());
  const { waits, callOutside } = patient();
  const outcome = await callOutside(call(url, { attempts: 5 }));
  assert.ok(outcome.kind === "answer");
  assert.deepEqual([outcome.status, outcome.attempts, seen.length], [200, 4, 4]);
  assert.deepEqual(waits, [0.2, 0.4, 0.8]);
});

test("the last answer is handed over when every attempt failed", async () => {
  const { url, seen } = await serve((_request, response) => response.writeHead(503).end("no"));
  const outcome = await patient().callOutside(call(url));
  assert.ok(outcome.kind === "answer");
  assert.deepEqual([outcome.status, seen.length], [503, 3]);
});

test("a call that must not arrive twice is not repeated after a 500, a reset or a time-out", async () => {
  const weather: Handler[] = [
    (_request, response) => response.writeHead(500).end(),
    (request) => request.socket.destroy(),
    () => undefined,
  ];
  for (const handler of weather) {
    const { url, seen } = await serve(handler);
    await patient().callOutside(
      call(url, { method: "POST", body: "{}", repeatable: false, attemptTimeoutSeconds: 0.1 }),
    );
    assert.equal(seen.length, 1);
  }
});

test("429 is repeated even so, after the time that Retry-After asks for", async () => {
  const { url, seen } = await serve((_request, response, nth) =>
    nth === 1 ? response.writeHead(429, { "retry-after": "7" }).end() : response.writeHead(201).end(),
  );
  const { waits, callOutside } = patient();
  const outcome = await callOutside(call(url, { method: "POST", repeatable: false }));
  assert.ok(outcome.kind === "answer");
  assert.deepEqual([outcome.status, waits, seen.length], [201, [7], 2]);
});

test("a Retry-After beyond the whole time-out ends the call at once", async () => {
  const { url, seen } = await serve((_request, response) => response.writeHead(429, { "retry-after": "3600" }).end());
  const { waits, callOutside } = patient();
  const outcome = await callOutside(call(url));
  assert.ok(outcome.kind === "answer");
  assert.deepEqual([outcome.status, waits, seen.length, retryAfterSeconds(outcome)], [429, [], 1, 3600]);
});

test("Retry-After is read as seconds or as a date, and nothing else", () => {
  const read = (text: string) =>
    retryAfterSeconds({ kind: "answer", status: 429, headers: { "retry-after": text }, body: Buffer.alloc(0) }, () =>
      Date.parse("2026-03-02T10:00:00Z"),
    );
  assert.equal(read("120"), 120);
  assert.equal(read("Mon, 02 Mar 2026 10:00:30 GMT"), 30);
  assert.equal(read("Mon, 02 Mar 2026 09:00:00 GMT"), 0);
  for (const text of ["", "-1", "1.5", "soon", "99999999999", "2026-03-02"]) assert.equal(read(text), undefined);
});

test("a silent server is left after the attempt's time, and tried again where that does no harm", async () => {
  const { url, seen } = await serve((_request, response, nth) => {
    if (nth === 2) response.end("late but here");
  });
  const outcome = await patient().callOutside(call(url, { attemptTimeoutSeconds: 0.15 }));
  assert.ok(outcome.kind === "answer");
  assert.equal(seen.length, 2);
});

test("the whole time-out ends a call whose body drips for ever", async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("."), 10);
    response.on("close", () => clearInterval(timer));
  });
  const outcome = await patient().callOutside(call(url, { timeoutSeconds: 0.3, maxBytes: 1_000_000 }));
  assert.ok(outcome.kind === "failure");
  assert.equal(outcome.why, "timed-out");
});

test("an endless body is cut off at its bound, not repeated, and the connection is closed", async () => {
  const closed = Promise.withResolvers<void>();
  const { url, seen } = await serve((_request, response) => {
    response.on("close", () => closed.resolve());
    const pour = () => {
      while (response.write("x".repeat(16_384))) if (response.destroyed) return;
      response.once("drain", pour);
    };
    pour();
  });
  const outcome = await patient().callOutside(call(url));
  assert.ok(outcome.kind === "failure");
  assert.deepEqual([outcome.why, seen.length], ["too-large", 1]);
  await closed.promise;
});

test("a redirect is refused, never followed and never repeated", async () => {
  const { url, seen } = await serve((_request, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  const outcome = await patient().callOutside(call(url));
  assert.ok(outcome.kind === "failure");
  assert.deepEqual([outcome.why, seen], ["redirected", ["GET /"]]);
});

test("a reset connection and garbage instead of HTTP are told as broken", async () => {
  const reset = await listen(createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())));
  const garbage = await listen(
    createTcpServer((socket) => socket.once("data", () => socket.end("\0\x01 not http\r\n\r\n"))),
  );
  for (const url of [reset, garbage]) {
    const outcome = await patient().callOutside(call(url));
    assert.ok(outcome.kind === "failure");
    assert.deepEqual([outcome.why, outcome.attempts], ["broken", 3]);
  }
});

test("a body cut short of its announced length is broken, not an answer", async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "50" });
    response.write("half", () => response.destroy());
  });
  const outcome = await patient().callOutside(call(url));
  assert.ok(outcome.kind === "failure");
  assert.equal(outcome.why, "broken");
});

test("a refused connection is repeated for every call: nothing was sent", async () => {
  const server = createTcpServer();
  const url = await listen(server);
  server.close();
  await once(server, "close");
  const outcome = await patient().callOutside(call(url, { method: "POST", repeatable: false }));
  assert.ok(outcome.kind === "failure");
  assert.deepEqual([outcome.why, outcome.code, outcome.attempts], ["unreachable", "ECONNREFUSED", 3]);
});

test("with public addresses only, a server inside is not spoken to, in whatever notation", async () => {
  const { url, seen } = await serve((_request, response) => response.end("secret"));
  const callOutside = createCallOutside({ addresses: "public" });
  const { port } = new URL(url);
  for (const host of ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"]) {
    const outcome = await callOutside(call(`http://${host}:${port}/`, { attempts: 1, timeoutSeconds: 2 }));
    assert.ok(outcome.kind === "failure", host);
    assert.ok(outcome.why === "address-refused" || outcome.why === "unreachable", `${host}: ${outcome.why}`);
  }
  assert.deepEqual(seen, []);
});

test("addresses inside are told from public ones", () => {
  for (const address of ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
    assert.ok(isPublicAddress(address), address);
  for (const address of [
    "10.1.2.3",
    "172.31.255.255",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:192.168.0.1",
    "::ffff:a00:1",
  ]) {
    assert.ok(!isPublicAddress(address), address);
  }
});

test("a call that we wrote wrongly is an exception, not an outage", async () => {
  await assert.rejects(patient().callOutside(call("not a url")));
});
