import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { registerAdminPage } from "./admin-page.ts";
import { type BridgeDouble, startBridgeDouble } from "./bridge/index.ts";
import { type CognitoDouble, startCognitoDouble } from "./cognito/index.ts";
import { getSandboxKeys, type SandboxKeys } from "./keys.ts";
import { type Mailbox, registerMailboxPages, startMailbox } from "./mailbox/index.ts";
import { startTwilioDouble, type TwilioDouble } from "./twilio/index.ts";
import { startVeriffDouble, type VeriffDoubleOptions } from "./veriff/index.ts";
import { readWeatherLine, type WeatherSettings } from "./weather/index.ts";

export type { Mailbox, Message } from "./mailbox/index.ts";

/** How the sandbox is set up. */
export type SandboxOptions = Pick<
  VeriffDoubleOptions,
  "host" | "port" | "webhookUrl" | "publicUrl" | "clock" | "findFirstName"
> & {
  /** Where the Bridge double delivers to. */
  bridgeWebhookUrl?: string;
  /** Holds the random keys and the state of the doubles. */
  dataDir: string;
  /** Whether Amazon Cognito is played, too. */
  cognito?: boolean;
  /** As in `SANDBOX_WEATHER`; a clear sky when unset. */
  weather?: string;
  /** The Veriff double takes `http:` callbacks; true when unset, since a sandbox often has no TLS. */
  allowHttpCallbacks?: boolean;
};

/** The running doubles and how to reach them. */
export type Sandbox = {
  veriff: { url: string } & SandboxKeys;
  bridge: Omit<BridgeDouble, "close">;
  /** Only where it was asked for. */
  cognito?: Omit<CognitoDouble, "close">;
  smtpUrl: string;
  twilio: Omit<TwilioDouble, "close">;
  mailbox: Mailbox;
  /** Adds the mailbox pages and the page of the one-time admin link to the application. */
  registerPages(app: FastifyInstance): void;
  close(): Promise<void>;
};

/**
 * Starts the local doubles of the outside parties: Veriff, Bridge, Twilio and a mail server. The composition root imports this
 * file only in sandbox mode, so that production never loads it.
 *
 * @throws Error naming `SANDBOX_PORT` when the port is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dataDir, allowHttpCallbacks = true } = options;
  const keys = await getSandboxKeys(dataDir);
  const stateFile = join(dataDir, "sandbox-veriff.jsonl");
  const weather = readWeatherLine(options.weather ?? "");
  const double = await startVeriffDouble({ ...options, ...keys, allowHttpCallbacks, stateFile, weather }).catch(
    (error) => {
      throw explainTakenPort(options, error);
    },
  );
  const opened: (() => Promise<void>)[] = [double.close];
  const close = async () => void (await Promise.all(opened.map((one) => one())));
  try {
    const { close: closeBridge, ...bridge } = await startBridge(options, weather);
    opened.push(closeBridge);
    const mailbox = await startMailbox({ ...options, stateFile: join(dataDir, "sandbox-mailbox.jsonl") });
    opened.push(() => mailbox.close());
    const { close: closeTwilio, ...twilio } = await startTwilioDouble({ ...options, deliver: mailbox.deliverText });
    opened.push(closeTwilio);
    const cognito = options.cognito ? await startCognito(options, mailbox.smtpUrl) : undefined;
    if (cognito) opened.push(() => cognito.close());
    return {
      ...(cognito ? { cognito } : {}),
      twilio,
      veriff: { url: double.url, ...keys },
      bridge,
      smtpUrl: mailbox.smtpUrl,
      mailbox,
      registerPages: (app) => {
        registerMailboxPages(app, mailbox);
        registerAdminPage(app);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** On the port after the Veriff double's; on any free one where that is. */
async function startBridge(options: SandboxOptions, weather: Partial<WeatherSettings>): Promise<BridgeDouble> {
  const { host, port, clock, dataDir, bridgeWebhookUrl: webhookUrl } = options;
  const own = { host, port: port === 0 ? 0 : port + 1 };
  const stateFile = join(dataDir, "sandbox-bridge.jsonl");
  return startBridgeDouble({ ...own, clock, webhookUrl, stateFile, weather }).catch((error) => {
    throw explainTakenPort(own, error);
  });
}

/** On any free port; the issuer is another name, so that links between users and accounts outlive a restart. */
async function startCognito({ host, clock, dataDir }: SandboxOptions, smtpUrl: string): Promise<CognitoDouble> {
  return startCognitoDouble({
    host,
    port: 0,
    clock,
    issuer: "http://cognito.sandbox.invalid/pool",
    smtpUrl: () => smtpUrl,
    stateFile: join(dataDir, "sandbox-cognito.jsonl"),
  });
}

function explainTakenPort({ host, port }: Pick<SandboxOptions, "host" | "port">, cause: NodeJS.ErrnoException): Error {
  if (cause.code !== "EADDRINUSE") return cause;
  return new Error(`Port ${port} on ${host} is taken by another program. Set SANDBOX_PORT to a free port.`, { cause });
}
