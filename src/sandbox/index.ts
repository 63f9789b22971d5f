import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { registerAdminPage } from "./admin-page.ts";
import { type CognitoDouble, startCognitoDouble } from "./cognito/index.ts";
import { getSandboxKeys, type SandboxKeys } from "./keys.ts";
import { type Mailbox, registerMailboxPages, startMailbox } from "./mailbox/index.ts";
import { startTwilioDouble, type TwilioDouble } from "./twilio/index.ts";
import { startVeriffDouble, type VeriffDoubleOptions } from "./veriff/index.ts";
import { readWeatherLine } from "./weather/index.ts";

export type { Mailbox, Message } from "./mailbox/index.ts";

/** How the sandbox is set up. */
export type SandboxOptions = Pick<
  VeriffDoubleOptions,
  "host" | "port" | "webhookUrl" | "publicUrl" | "clock" | "findFirstName"
> & {
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
 * Starts the local doubles of the outside parties: Veriff, Twilio and a mail server. The composition root imports this
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
  const mailbox = await startMailbox({ ...options, stateFile: join(dataDir, "sandbox-mailbox.jsonl") }).catch(
    async (error) => {
      await double.close();
      throw error;
    },
  );
  const { close: closeTwilio, ...twilio } = await startTwilioDouble({
    ...options,
    deliver: mailbox.deliverText,
  }).catch(async (error) => {
    await Promise.all([double.close(), mailbox.close()]);
    throw error;
  });
  const cognito = options.cognito
    ? await startCognito(options, mailbox.smtpUrl).catch(async (error) => {
        await Promise.all([double.close(), closeTwilio(), mailbox.close()]);
        throw error;
      })
    : undefined;
  return {
    ...(cognito ? { cognito } : {}),
    twilio,
    veriff: { url: double.url, ...keys },
    smtpUrl: mailbox.smtpUrl,
    mailbox,
    registerPages: (app) => {
      registerMailboxPages(app, mailbox);
      registerAdminPage(app);
    },
    async close() {
      await Promise.all([double.close(), closeTwilio(), mailbox.close(), cognito?.close()]);
    },
  };
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

function explainTakenPort({ host, port }: SandboxOptions, cause: NodeJS.ErrnoException): Error {
  if (cause.code !== "EADDRINUSE") return cause;
  return new Error(`Port ${port} on ${host} is taken by another program. Set SANDBOX_PORT to a free port.`, { cause });
}
