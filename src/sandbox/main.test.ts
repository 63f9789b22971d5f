import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startReceiver } from "./testing/webhook-receiver.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function run(...options: string[]) {
  const child = spawn(process.execPath, [main, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  return {
    child,
    said: () => said,
    ready: async () => {
      while (!said.includes("Ready.")) await once(child.stdout, "data");
    },
    ended: () => once(child, "exit").then(([code]) => code as number | null),
  };
}

test("started alone with one command, the doubles open sessions and customers, play them by name, and end at a signal", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const addresses = ["--webhook-url", receiver.url, "--bridge-webhook-url", receiver.url];
  const sandbox = run(...addresses, "--port", "0", "--weather", "duplicate=1");
  t.after(() => sandbox.child.kill("SIGKILL"));
  await sandbox.ready();
  const [, url = ""] = /Veriff double +(\S+)/.exec(sandbox.said()) ?? [];
  const [, key = ""] = /API key +(\S+)/.exec(sandbox.said()) ?? [];
  const opened = await fetch(`${url}/v1/sessions`, {
    method: "POST",
    headers: { "x-auth-client": key, "content-type": "application/json" },
    body: JSON.stringify({ verification: { person: { firstName: "Expire" } } }),
  });
  assert.equal(opened.status, 201);
  await receiver.arrived(2);
  const [, bridge = "", bridgeKey = ""] = /Bridge double +(\S+)[\s\S]*?API key +(\S+)/.exec(sandbox.said()) ?? [];
  const customer = await fetch(`${bridge}/v0/customers`, {
    method: "POST",
    headers: { "api-key": bridgeKey, "content-type": "application/json", "idempotency-key": "one" },
    body: JSON.stringify({ type: "individual", first_name: "Submit", last_name: "Okafor", email: "a@example.com" }),
  });
  assert.equal(customer.status, 201, await customer.text());
  await receiver.arrived(4);
  const ended = sandbox.ended();
  sandbox.child.kill("SIGTERM");
  assert.equal(await ended, 0);
});

test("--help explains it; a wrong option is named, with what would be right", async () => {
  const cases: [options: string[], code: number, words: RegExp][] = [
    [["--help"], 0, /npm run sandbox -- --webhook-url URL/],
    [[], 1, /--webhook-url or --bridge-webhook-url is needed/],
    [["--webhook-url", "ftp://x/"], 1, /--webhook-url must be/],
    [["--webhook-url", "http://x/", "--port", "99999"], 1, /--port must be a number/],
    [["--webhook-url", "http://x/", "--weather", "storm"], 1, /"storm" is no weather; known are clear, rough, outage/],
    [["--wether", "rough"], 1, /--wether/],
  ];
  await Promise.all(
    cases.map(async ([options, code, words]) => {
      const { ended, said } = run(...options);
      assert.equal(await ended(), code, options.join(" "));
      assert.match(said(), words);
    }),
  );
});
