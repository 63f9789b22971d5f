import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { registerAdminPage } from "./admin-page.ts";
import { getSandboxKeys, type SandboxKeys } from "./keys.ts";
import { type Mailbox, registerMailboxPages, startMailbox } from "./mailbox/index.ts";
import { startVeriffDouble, type VeriffDoubleOptions } from "./veriff/index.ts";

export type { Mailbox, Message } from "./mailbox/index.ts";

/** How the sandbox is set up. */
export type SandboxOptions = Pick<VeriffDoubleOptions, "host" | "port" | "webhookUrl" | "publicUrl" | "clock"> & {
  /** Holds the random keys and the state of the doubles. */
  dataDir: string;
  /** The Veriff double takes `http:` callbacks; true when unset, since a sandbox often has no TLS. */
  allowHttpCallbacks?: boolean;
};

/** The running doubles and how to reach them. */
export type Sandbox = {
  veriff: { url: string } & SandboxKeys;
  smtpUrl: string;
  mailbox: Mailbox;
  /** Adds the mailbox pages and the page of the one-time admin link to the application. */
  registerPages(app: FastifyInstance): void;
  close(): Promise<void>;
};

/**
 * Starts the local doubles of the outside parties: Veriff and a mail server. The composition root imports this file only
 * in sandbox mode, so that production never loads it.
 *
 * @throws Error naming `SANDBOX_PORT` when the port is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dataDir, allowHttpCallbacks = true } = options;
  const keys = await getSandboxKeys(dataDir);
  const stateFile = join(dataDir, "sandbox-veriff.jsonl");
  const double = await startVeriffDouble({ ...options, ...keys, allowHttpCallbacks, stateFile }).catch((error) => {
    throw explainTakenPort(options, error);
  });
  const mailbox = await startMailbox({ ...options, stateFile: join(dataDir, "sandbox-mailbox.jsonl") }).catch(
    async (error) => {
      await double.close();
      throw error;
    },
  );
  return {
    veriff: { url: double.url, ...keys },
    smtpUrl: mailbox.smtpUrl,
    mailbox,
    registerPages: (app) => {
      registerMailboxPages(app, mailbox);
      registerAdminPage(app);
    },
    async close() {
      await Promise.all([double.close(), mailbox.close()]);
    },
  };
}

function explainTakenPort({ host, port }: SandboxOptions, cause: NodeJS.ErrnoException): Error {
  if (cause.code !== "EADDRINUSE") return cause;
  return new Error(`Port ${port} on ${host} is taken by another program. Set SANDBOX_PORT to a free port.`, { cause });
}
