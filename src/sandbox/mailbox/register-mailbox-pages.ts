import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { newNonce, pageHeaders } from "../html.ts";
import { mailboxPage, messagePage, missingMessagePage } from "./mailbox-page.ts";
import type { Message } from "./message.ts";
import type { Mailbox } from "./start-mailbox.ts";

/** These routes bring their own pages and checks; the application's closed schemas do not apply to them. */
const config = { delegated: "sandbox mailbox" };

/**
 * Adds GET /sandbox/mailbox and GET /sandbox/mailbox/{id} to the application. The list is a page for browsers, and
 * `{"messages": [...]}`, newest first, for `Accept: application/json` or with `?to=`; `limit` is 1 to 500, default 50.
 * With `wait`, 1 to 30 seconds, an answer without messages waits for the first to arrive.
 */
export function registerMailboxPages(app: FastifyInstance, mailbox: Mailbox): void {
  app.get<{ Querystring: Record<string, unknown> }>("/sandbox/mailbox", { config }, async (request, reply) => {
    const { to, limit = "50", wait = "0" } = request.query;
    if (to !== undefined && typeof to !== "string") return refuse(reply, "to must be given once");
    if (!/^[1-9]\d{0,2}$/.test(String(limit)) || Number(limit) > 500) return refuse(reply, "limit must be 1 to 500");
    if (!/^\d{1,2}$/.test(String(wait)) || Number(wait) > 30) return refuse(reply, "wait must be 0 to 30 seconds");
    const messages = await listOrWait(mailbox, { to, limit: Number(limit) }, Date.now() + Number(wait) * 1000);
    if (to !== undefined || wantsJson(request)) return reply.header("cache-control", "no-store").send({ messages });
    return sendPage(reply, 200, (nonce) => mailboxPage(messages, { nonce }));
  });

  app.get<{ Params: { id: string } }>("/sandbox/mailbox/:id", { config }, (request, reply) => {
    const message = mailbox.find(request.params.id);
    if (wantsJson(request)) {
      if (!message) return reply.code(404).send({ error: "No such message; only the newest 500 are kept" });
      return reply.header("cache-control", "no-store").send(message);
    }
    if (!message) return sendPage(reply, 404, (nonce) => missingMessagePage({ nonce }));
    return sendPage(reply, 200, (nonce) => messagePage(message, { nonce }));
  });
}

/** What is there; where nothing is, what has arrived by the deadline. */
async function listOrWait(
  mailbox: Mailbox,
  filter: { to?: string; limit: number },
  deadline: number,
): Promise<Message[]> {
  for (;;) {
    const messages = mailbox.list(filter);
    const left = deadline - Date.now();
    if (messages.length > 0 || left <= 0) return messages;
    await mailbox.waitForNext(left / 1000);
  }
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

function refuse(reply: FastifyReply, error: string) {
  return reply.code(400).send({ error });
}

function sendPage(reply: FastifyReply, httpStatus: number, render: (nonce: string) => string) {
  const nonce = newNonce();
  return reply.code(httpStatus).headers(pageHeaders(nonce)).send(render(nonce));
}
