import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A received mail: envelope, raw text and what a mail program reads in it. */
export type Received = { from: string; to: string[]; raw: string; mail: Email };

/**
 * A real SMTP server on loopback. `answer` decides on each recipient: undefined takes it, else the SMTP code and
 * sentence to refuse it with.
 */
export async function startMailServer(
  answer: (to: string) => { code: number; sentence: string } | undefined = () => undefined,
) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const refusal = answer(address);
      done(refusal ? Object.assign(new Error(refusal.sentence), { responseCode: refusal.code }) : null);
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        received.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          raw,
          mail: await PostalMime.parse(raw),
        });
        done();
      });
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(resolve));
  return { smtpUrl: `smtp://127.0.0.1:${port}`, received, stop };
}
