import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { openStateFile, type StateFile } from "../state-file.ts";
import { isAddressedTo, type Message, readMessage, readText } from "./message.ts";

/** A mail server that delivers nothing and shows everything; text messages are put in by the double that takes them. */
export type Mailbox = {
  /** What to set as SMTP_URL. */
  smtpUrl: string;
  /** Newest first; `limit` defaults to all that are kept. */
  list(filter: { to?: string; limit?: number }): Message[];
  find(id: string): Message | undefined;
  /** Keeps a text message that a double of an SMS provider took, beside the mails. */
  deliverText(text: { from: string; to: string; text: string }): void;
  /** Resolves when the next message arrives, or after `seconds`, whichever is first. */
  waitForNext(seconds: number): Promise<void>;
  close(): Promise<void>;
};

const KEPT_MESSAGES = 500;
const MESSAGE_BYTES = 1024 * 1024;

type Kept = { messages: Map<string, Message>; file: StateFile<Message>; arrivals: EventTarget };

/**
 * Starts an SMTP server on loopback and a free port, without log-in and TLS, for messages up to 1 MB. The newest 500 are
 * kept, across restarts when a state file is given; a message is kept before the sender is told that it was taken.
 */
export async function startMailbox(options: { stateFile?: string; clock?: { now(): Date } }): Promise<Mailbox> {
  const { clock = { now: () => new Date() } } = options;
  const file = openStateFile<Message>(options.stateFile);
  const kept = { file, messages: new Map(file.initial), arrivals: new EventTarget() };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MESSAGE_BYTES,
    closeTimeout: 1000,
    logger: false,
    onData: (stream, session, done) => {
      takeMessage(kept, stream, session, clock.now()).then(() => done(), done);
    },
  });
  await listen(server);
  const { port } = server.server.address() as AddressInfo;
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    list: ({ to, limit = KEPT_MESSAGES }) =>
      [...kept.messages.values()]
        .reverse()
        .filter((message) => to === undefined || isAddressedTo(message, to))
        .slice(0, limit),
    find: (id) => kept.messages.get(id),
    deliverText: (text) => keep(kept, readText(text, clock.now())),
    waitForNext: (seconds) => waitForArrival(kept.arrivals, seconds),
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      file.close();
    },
  };
}

function listen(server: SMTPServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      // A client that hangs up in the middle is no fault of ours; unheard, its error would end the process.
      server.on("error", () => {});
      resolve();
    });
  });
}

function waitForArrival(arrivals: EventTarget, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    timer.unref();
    arrivals.addEventListener("message", done);
    function done() {
      clearTimeout(timer);
      arrivals.removeEventListener("message", done);
      resolve();
    }
  });
}

async function takeMessage(kept: Kept, stream: SMTPServerDataStream, session: SMTPServerSession, receivedAt: Date) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MESSAGE_BYTES) chunks.push(chunk);
  }
  if (bytes > MESSAGE_BYTES) throw refusal(552, "The message is larger than 1 MB");
  const { mailFrom, rcptTo } = session.envelope;
  const envelope = { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) };
  const message = await readMessage(Buffer.concat(chunks), envelope, receivedAt);
  keep(kept, message);
}

function keep(kept: Kept, message: Message): void {
  kept.messages.set(message.id, message);
  kept.file.put(message.id, message);
  kept.arrivals.dispatchEvent(new Event("message"));
  const oldest = kept.messages.keys().next().value;
  if (kept.messages.size <= KEPT_MESSAGES || oldest === undefined) return;
  kept.messages.delete(oldest);
  kept.file.remove(oldest);
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
