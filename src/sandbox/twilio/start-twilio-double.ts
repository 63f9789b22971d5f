import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { findMessageError, type TwilioError } from "./message-errors.ts";

/** A text message that the double took. */
export type CaughtText = { from: string; to: string; text: string };

/** The double and the one account it has; what to set as SMS_*. */
export type TwilioDouble = {
  url: string;
  accountSid: string;
  authToken: string;
  /** The account's number: the one of Twilio's test credentials, which belongs to nobody. */
  from: string;
  close(): Promise<void>;
};

const sender = "+15005550006";

/**
 * Starts the double of Twilio's Messages resource on a free port: HTTP Basic, form-encoded requests, 201 with the
 * message or Twilio's own errors, its magic test numbers included. What it takes is handed to `deliver` before it
 * answers. For sandbox mode and tests only.
 */
export async function startTwilioDouble(options: {
  host: string;
  deliver(text: CaughtText): void;
  clock?: { now(): Date };
}): Promise<TwilioDouble> {
  const { clock = { now: () => new Date() } } = options;
  const account = { accountSid: `AC${randomBytes(16).toString("hex")}`, authToken: randomBytes(16).toString("hex") };
  const app = openServer();
  app.post<{ Params: { sid: string }; Body: Record<string, string> | undefined }>(
    "/2010-04-01/Accounts/:sid/Messages.json",
    async (request, reply) => {
      if (!isAuthorized(request.headers.authorization, account))
        return refuse(reply, { status: 401, code: 20003, message: "Authenticate" });
      if (request.params.sid !== account.accountSid)
        return refuse(reply, { status: 404, code: 20404, message: "The requested resource was not found" });
      const fields = request.body ?? {};
      const error = findMessageError(fields, { sender });
      if (error) return refuse(reply, error);
      const text = { from: fields.From ?? sender, to: String(fields.To), text: String(fields.Body) };
      options.deliver(text);
      return reply.code(201).send(present(text, account.accountSid, clock.now()));
    },
  );
  const url = await app.listen({ host: options.host, port: 0 });
  return { url, ...account, from: sender, close: () => app.close() };
}

function openServer(): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024, requestTimeout: 30_000, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  return app;
}

function isAuthorized(header: string | undefined, account: { accountSid: string; authToken: string }): boolean {
  const wanted = `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString("base64")}`;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(wanted));
}

function refuse(reply: FastifyReply, { status, code, message }: TwilioError): FastifyReply {
  return reply.code(status).send({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}

/** Twilio's times are those of e-mail (RFC 2822). */
function present({ from, to, text }: CaughtText, accountSid: string, now: Date) {
  const sid = `SM${randomBytes(16).toString("hex")}`;
  const time = now.toUTCString().replace("GMT", "+0000");
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${sid}`;
  return {
    sid,
    date_created: time,
    date_updated: time,
    date_sent: null,
    account_sid: accountSid,
    to,
    from,
    messaging_service_sid: null,
    body: text,
    status: "queued",
    num_segments: String(Math.max(1, Math.ceil(text.length / 160))),
    num_media: "0",
    direction: "outbound-api",
    api_version: "2010-04-01",
    price: null,
    price_unit: "USD",
    error_code: null,
    error_message: null,
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  };
}
