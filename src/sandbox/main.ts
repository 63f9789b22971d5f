import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { getSandboxKeys } from "./keys.ts";
import { startVeriffDouble } from "./veriff/index.ts";
import { readWeatherLine } from "./weather/index.ts";

const help = `Starts the doubles of the verification providers alone: no Usher, no database.
  npm run sandbox -- --webhook-url URL [options]

  --webhook-url URL     where your receiver of Veriff's webhooks listens
  --host ADDRESS        (127.0.0.1)
  --port N              where the Veriff double listens, 0 for any free port (8081)
  --data-dir FOLDER     keeps keys, sessions and unfinished webhooks; without it nothing outlives the process
  --api-key UUID        X-AUTH-CLIENT of your client (made and printed)
  --shared-secret TEXT  the secret that signs (made and printed)
  --weather LINE        clear, rough, outage, or settings such as duplicate=0.3,lose=0.1,seed=monday
  --https-only          refuse http: callbacks, as Veriff does
  --help

What can be played, and how: docs/sandbox.md
`;

await main();

/** Starts the doubles and stays until Ctrl-C or SIGTERM. */
async function main(): Promise<void> {
  try {
    const options = readOptions();
    if (!options) return void process.stdout.write(help);
    await run(options);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`);
    process.exitCode = 1;
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      "webhook-url": { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "8081" },
      "data-dir": { type: "string" },
      "api-key": { type: "string" },
      "shared-secret": { type: "string" },
      weather: { type: "string", default: "" },
      "https-only": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { "webhook-url": webhookUrl = "", port, host } = values;
  if (!/^https?:$/.test(URL.parse(webhookUrl)?.protocol ?? "")) {
    throw new Error("--webhook-url must be the http or https address of your webhook receiver.");
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error("--port must be a number from 0 to 65535.");
  return {
    webhookUrl,
    host,
    port: Number(port),
    dataDir: values["data-dir"],
    keys: { apiKey: values["api-key"], sharedSecret: values["shared-secret"] },
    weather: readWeatherLine(values.weather),
    allowHttpCallbacks: !values["https-only"],
  };
}

async function run(options: NonNullable<ReturnType<typeof readOptions>>): Promise<void> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "usher-sandbox-")));
  const forget = async () => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const made = await getSandboxKeys(dataDir);
    const apiKey = options.keys.apiKey ?? made.apiKey;
    const sharedSecret = options.keys.sharedSecret ?? made.sharedSecret;
    const stateFile = join(dataDir, "sandbox-veriff.jsonl");
    const double = await startVeriffDouble({ ...options, apiKey, sharedSecret, stateFile });
    process.stdout.write(`Veriff double   ${double.url}
  API           ${double.url}/v1/sessions
  pages         ${double.url}/   weather: ${double.url}/weather
  API key       ${apiKey}
  shared secret ${sharedSecret}
  webhooks to   ${options.webhookUrl}
Ready. Ctrl-C ends it.
`);
    await new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await double.close();
  } finally {
    await forget();
  }
}
