import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Fastify from "fastify";
import { startSandbox } from "./index.ts";
import { temporaryFolder } from "./testing/veriff-bench.ts";

const OPTIONS = { host: "127.0.0.1", port: 0, webhookUrl: "http://127.0.0.1:1/" };

test("each data folder has random keys of its own, readable by the owner only, that survive a restart", async (t) => {
  const [dataDir, otherDir] = [join(await temporaryFolder(t), "new"), await temporaryFolder(t)];
  const first = await startSandbox({ ...OPTIONS, dataDir });
  await first.close();
  const again = await startSandbox({ ...OPTIONS, dataDir });
  await again.close();
  const other = await startSandbox({ ...OPTIONS, dataDir: otherDir });
  await other.close();
  assert.deepEqual([again.veriff.apiKey, again.veriff.sharedSecret], [first.veriff.apiKey, first.veriff.sharedSecret]);
  assert.notEqual(other.veriff.apiKey, first.veriff.apiKey);
  assert.notEqual(other.veriff.sharedSecret, first.veriff.sharedSecret);
  assert.match(first.veriff.apiKey, /^[0-9a-f-]{36}$/);
  assert.equal(statSync(join(dataDir, "sandbox.json")).mode & 0o777, 0o600);
});

test("the sandbox answers with the keys it tells, and its pages mount on an application", async (t) => {
  const sandbox = await startSandbox({ ...OPTIONS, dataDir: await temporaryFolder(t) });
  t.after(() => sandbox.close());
  const headers = { "x-auth-client": sandbox.veriff.apiKey, "content-type": "application/json" };
  const response = await fetch(`${sandbox.veriff.url}/v1/sessions`, {
    method: "POST",
    headers,
    body: '{"verification":{}}',
  });
  assert.equal(response.status, 201);
  assert.match(sandbox.smtpUrl, /^smtp:\/\/127\.0\.0\.1:\d+$/);
  const app = Fastify();
  sandbox.registerPages(app);
  const page = await app.inject({ url: "/sandbox/mailbox", headers: { accept: "text/html" } });
  assert.match(page.body, /Nothing has been sent yet/);
});

test("a taken port is refused with the variable to set, and nothing is left running", async (t) => {
  const [dataDir, otherDir] = [await temporaryFolder(t), await temporaryFolder(t)];
  const first = await startSandbox({ ...OPTIONS, dataDir });
  t.after(() => first.close());
  const port = Number(new URL(first.veriff.url).port);
  await assert.rejects(startSandbox({ ...OPTIONS, port, dataDir: otherDir }), /Port \d+ .* SANDBOX_PORT/);
});

test("a spoilt key file is refused with its name and left as it is", async (t) => {
  const dataDir = await temporaryFolder(t);
  const path = join(dataDir, "sandbox.json");
  for (const text of ["{", "{}", '{"veriff":{"apiKey":"x","sharedSecret":"y"}}']) {
    writeFileSync(path, text);
    await assert.rejects(startSandbox({ ...OPTIONS, dataDir }), /sandbox\.json does not hold the sandbox keys/);
    assert.equal(readFileSync(path, "utf8"), text);
  }
});
