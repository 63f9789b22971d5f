import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startBridgeDouble } from "./bridge/index.ts";
import { getSandboxKeys } from "./keys.ts";
import { startVeriffDouble } from "./veriff/index.ts";
import { readWeatherLine } from "./weather/index.ts";

const help = `Starts the doubles of the verification providers alone: no Usher, no database.
  npm run sandbox -- --webhook-url URL [--bridge-webhook-url URL] [options]

  --webhook-url URL          where your receiver of Veriff's webhooks listens; starts the Veriff double
  --bridge-webhook-url URL   where your receiver of Bridge's webhooks listens; starts the Bridge double
  --host ADDRESS             (127.0.0.1)
  --port N                   where the Veriff double listens, 0 for any free port (8081); Bridge's is the next one
  --data-dir FOLDER          keeps keys, sessions and unfinished webhooks; without it nothing outlives the process
  --api-key UUID             X-AUTH-CLIENT of your Veriff client (made and printed)
  --shared-secret TEXT       the secret that signs for Veriff (made and printed)
  --bridge-api-key TEXT      Api-Key of your Bridge client (made and printed)
  --weather LINE             clear, rough, outage, or settings such as duplicate=0.3,lose=0.1,seed=monday
  --https-only               refuse http: callbacks, as Veriff does
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
      "bridge-webhook-url": { type: "string" },
      "bridge-api-key": { type: "string" },
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
  const { port, host } = values;
  const veriffWebhookUrl = readAddress("webhook-url", values["webhook-url"]);
  const bridgeWebhookUrl = readAddress("bridge-webhook-url", values["bridge-webhook-url"]);
  if (!veriffWebhookUrl && !bridgeWebhookUrl) throw new Error("--webhook-url or --bridge-webhook-url is needed.");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error("--port must be a number from 0 to 65535.");
  return {
    veriffWebhookUrl,
    bridgeWebhookUrl,
    bridgeApiKey: values["bridge-api-key"],
    host,
    port: Number(port),
    dataDir: values["data-dir"],
    keys: { apiKey: values["api-key"], sharedSecret: values["shared-secret"] },
    weather: readWeatherLine(values.weather),
    allowHttpCallbacks: !values["https-only"],
  };
}

function readAddress(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new Error(`--${name} must be the http or https address of your webhook receiver.`);
}

type Options = NonNullable<ReturnType<typeof readOptions>>;

async function run(options: Options): Promise<void> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "usher-sandbox-")));
  const forget = async () => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const opened: (() => Promise<void>)[] = [forget];
  try {
    if (options.veriffWebhookUrl) opened.push(await startVeriff(options, dataDir, options.veriffWebhookUrl));
    if (options.bridgeWebhookUrl) opened.push(await startBridge(options, dataDir, options.bridgeWebhookUrl));
    print("Ready. Ctrl-C ends it.");
    await new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

async function startVeriff(options: Options, dataDir: string, webhookUrl: string): Promise<() => Promise<void>> {
  const made = await getSandboxKeys(dataDir);
  const apiKey = options.keys.apiKey ?? made.apiKey;
  const sharedSecret = options.keys.sharedSecret ?? made.sharedSecret;
  const stateFile = join(dataDir, "sandbox-veriff.jsonl");
  const double = await startVeriffDouble({ ...options, webhookUrl, apiKey, sharedSecret, stateFile });
  print(`Veriff double   ${double.url}
  API           ${double.url}/v1/sessions
  pages         ${double.url}/   weather: ${double.url}/weather
  API key       ${apiKey}
  shared secret ${sharedSecret}
  webhooks to   ${webhookUrl}`);
  return double.close;
}

async function startBridge(options: Options, dataDir: string, webhookUrl: string): Promise<() => Promise<void>> {
  const port = options.port === 0 || !options.veriffWebhookUrl ? options.port : options.port + 1;
  const stateFile = join(dataDir, "sandbox-bridge.jsonl");
  const double = await startBridgeDouble({ ...options, port, webhookUrl, apiKey: options.bridgeApiKey, stateFile });
  print(`Bridge double   ${double.url}
  API           ${double.url}/v0/customers
  pages         ${double.url}/   weather: ${double.url}/weather
  API key       ${double.apiKey}
  webhooks to   ${webhookUrl}, signed for this public key:
${double.publicKeys.join("\n").trim()}`);
  return double.close;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
